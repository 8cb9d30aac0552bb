"""Many writers at once, through the API and through services: the tree is always a tree."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.core.errors import DomainError
from apps.tags import services
from apps.tags.models import Tag, TagMerge, TagName
from apps.tags.selectors import tree_faults
from tests.api import Caller
from tests.factories import ProblemFactory, UserFactory
from tests.problems.lists import assert_lists_hold
from tests.tags.outlines import plant

WRITERS = 8
REFUSALS = {400, 404, 409}


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = {name: (1_000_000, 60) for name in settings.RATE_LIMITS}


class Writer:
    """Mostly adds; else moves, merges, undoes or deletes whatever it knows of."""

    def __init__(self, number: int, roots: list[int]) -> None:
        self.dice = random.Random(number)
        self.number = number
        self.known = list(roots)
        self.merges: list[int] = []
        self.seen: Counter[str] = Counter()

    def write(self, step: int) -> None:
        self.step = step
        actions: list[Callable[[], None]] = [
            self.add,
            self.move,
            self.merge,
            self.undo,
            self.delete,
        ]
        (action,) = self.dice.choices(actions, weights=[40, 25, 15, 10, 10])
        action()

    def any_of(self) -> int:
        return self.dice.choice(self.known)

    def name(self) -> str:
        return f"Tag {self.number}.{self.step}"


class ServiceWriter(Writer):
    def write(self, step: int) -> None:
        try:
            super().write(step)
            self.seen["done"] += 1
        except DomainError:
            self.seen["refused"] += 1

    def add(self) -> None:
        parent_id = self.any_of()
        tag = services.create_tag(name=self.name(), tag_type="topic", parent_id=parent_id)
        self.known.append(tag.pk)

    def move(self) -> None:
        services.move_tag(tag_id=self.any_of(), parent_id=self.dice.choice([None, *self.known]))

    def merge(self) -> None:
        merge = services.merge_tag(tag_id=self.any_of(), into_id=self.any_of(), by=None)
        self.merges.append(merge.pk)

    def undo(self) -> None:
        if self.merges:
            services.undo_merge(merge_id=self.merges.pop(), by=None)

    def delete(self) -> None:
        services.delete_tag(tag_id=self.any_of())


class ApiWriter(Writer):
    def __init__(self, number: int, roots: list[int], access: str) -> None:
        super().__init__(number, roots)
        self.caller = Caller().bearer(access)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        response = getattr(self.caller, method)(f"/api/{path}", body)
        if response.status_code < 300:
            self.seen["done"] += 1
            return response.json() if response.content else {}
        assert response.status_code in REFUSALS, (response.status_code, response.content)
        self.seen["refused"] += 1
        return None

    def add(self) -> None:
        body = {"name": self.name(), "tag_type": "topic", "parent": self.any_of()}
        tag = self.send("post", "tags/", body)
        self.known += [tag["id"]] if tag else []

    def move(self) -> None:
        body = {"parent": self.dice.choice([None, *self.known]), "position": "first-child"}
        self.send("post", f"tags/{self.any_of()}/move/", body)

    def merge(self) -> None:
        merge = self.send("post", f"tags/{self.any_of()}/merge/", {"into": self.any_of()})
        self.merges += [merge["id"]] if merge else []

    def undo(self) -> None:
        if self.merges:
            self.send("post", f"tag-merges/{self.merges.pop()}/undo/")

    def delete(self) -> None:
        self.send("delete", f"tags/{self.any_of()}/")


def storm(operations: int) -> Counter[str]:
    """Let the writers loose; how much was done and refused."""
    roots = plant({f"Root {number}": {f"Leaf {number}": {}} for number in range(6)})
    for tag in list(roots.values())[:5]:
        ProblemFactory(tags=[tag])
    access = Caller(UserFactory(is_staff=True, is_superuser=True)).pair.access
    ids = [tag.pk for tag in roots.values()]
    writers: list[Writer] = [
        ApiWriter(number, ids, access) if number % 2 else ServiceWriter(number, ids)
        for number in range(WRITERS)
    ]
    faults: list[BaseException] = []

    def run(writer: Writer) -> None:
        try:
            for step in range(operations // WRITERS):
                writer.write(step)
        except BaseException as fault:  # noqa: BLE001 -- whatever it is, the test must see it
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return sum((writer.seen for writer in writers), Counter())


def assert_sound(seen: Counter[str], *, operations: int) -> None:
    assert tree_faults() == []
    assert_lists_hold()
    assert Tag.objects.count() == TagName.objects.filter(kind="primary").count()
    merged = set(TagMerge.objects.standing().values_list("merged_tag_id", flat=True))
    assert not Tag.objects.filter(pk__in=merged).exists()
    assert seen["done"] > operations // 5
    assert seen["refused"] > 0


@pytest.mark.django_db(transaction=True)
def test_eight_writers_through_api_and_services_leave_a_sound_tree(unlimited):
    seen = storm(160)

    assert_sound(seen, operations=160)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_two_thousand_mixed_writes_leave_a_sound_tree(unlimited):
    seen = storm(2000)

    assert_sound(seen, operations=2000)
