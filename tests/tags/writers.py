"""Writers of the tag tree through its two doors, the API and the admin, at random.

As a process of its own: `python -m tests.tags.writers NUMBER STEPS USER SESSION`, with USER the id
of an admin and SESSION a session of theirs. It prints what it saw as one line of JSON.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

REFUSALS = {400, 404, 409}


class Writer:
    """Mostly adds; else moves, renames, merges, undoes or deletes whatever there is."""

    def __init__(self, number: int) -> None:
        self.dice = random.Random(number)
        self.number = number
        self.merges: list[int] = []
        self.seen: Counter[str] = Counter()

    def write(self, steps: int) -> Counter[str]:
        actions: list[Callable[[], Any]] = [
            self.add,
            self.move,
            self.rename,
            self.merge,
            self.undo,
            self.delete,
        ]
        for self.step in range(steps):
            (action,) = self.dice.choices(actions, weights=[32, 26, 8, 14, 10, 10])
            action()
        return self.seen

    def any_of(self) -> int:
        from apps.tags.models import Tag

        return self.dice.choice(list(Tag.objects.values_list("pk", flat=True)) or [0])

    def name(self) -> str:
        return f"Tag {self.number}.{self.step}"

    def add(self) -> None: ...
    def move(self) -> None: ...
    def rename(self) -> None: ...
    def merge(self) -> None: ...
    def undo(self) -> None: ...
    def delete(self) -> None: ...


class ApiWriter(Writer):
    def __init__(self, number: int, user_id: int) -> None:
        super().__init__(number)
        self.user_id = user_id
        self.sign_in()

    def sign_in(self) -> None:
        from apps.accounts.models import User
        from tests.api import Caller

        self.caller = Caller(User.objects.get(pk=self.user_id))

    def send(self, method: str, path: str, body: Any = None) -> Any:
        response = getattr(self.caller, method)(f"/api/{path}", body)
        if response.status_code == 401:
            # On a slow machine a token may not last to the end.
            self.sign_in()
            response = getattr(self.caller, method)(f"/api/{path}", body)
        is_done = response.status_code < 300
        assert is_done or response.status_code in REFUSALS, response.content[:2000]
        self.seen["done" if is_done else "refused"] += 1
        return response.json() if is_done and response.content else None

    def add(self) -> None:
        parent = self.dice.choice([None, self.any_of(), self.any_of()])
        self.send("post", "tags/", {"name": self.name(), "tag_type": "topic", "parent": parent})

    def move(self) -> None:
        body = {"parent": self.dice.choice([None, self.any_of()]), "position": "first-child"}
        self.send("post", f"tags/{self.any_of()}/move/", body)

    def rename(self) -> None:
        self.send("patch", f"tags/{self.any_of()}/", {"name": self.name()})

    def merge(self) -> None:
        merge = self.send("post", f"tags/{self.any_of()}/merge/", {"into": self.any_of()})
        self.merges += [merge["id"]] if merge else []

    def undo(self) -> None:
        if self.merges:
            self.send("post", f"tag-merges/{self.merges.pop()}/undo/")

    def delete(self) -> None:
        self.send("delete", f"tags/{self.any_of()}/")


class AdminWriter(Writer):
    """What a curator's browser sends: forms, drops of dragged rows, dialogs."""

    def __init__(self, number: int, session: str) -> None:
        from django.conf import settings
        from django.test import Client

        super().__init__(number)
        self.browser = Client(raise_request_exception=False)
        self.browser.cookies[settings.SESSION_COOKIE_NAME] = session

    def send(self, page: str, *args: int, **fields: Any) -> None:
        from django.urls import reverse

        response = self.browser.post(reverse(f"admin:tags_{page}", args=args), fields)
        # A form that is shown again says no in its own way.
        is_refused = response.status_code == 200 and page != "tag_changelist"
        assert response.status_code in {200, 302, *REFUSALS}, response.content[:2000]
        is_done = not is_refused and response.status_code in (200, 302)
        self.seen["done" if is_done else "refused"] += 1

    def form(self, parent: Any) -> dict[str, Any]:
        return {
            "name": self.name(),
            "tag_type": "topic",
            "parent": parent or "",
            "description": "",
            "aliases": "",
            "names-TOTAL_FORMS": "0",
            "names-INITIAL_FORMS": "0",
        }

    def add(self) -> None:
        self.send("tag_add", **self.form(self.dice.choice([None, self.any_of(), self.any_of()])))

    def move(self) -> None:
        position = self.dice.choice(["left", "right", "last-child"])
        drop = {"position": position, "cut_item": self.any_of(), "pasted_on": self.any_of()}
        self.send("tag_changelist", cmd="move_node", **drop)

    def rename(self) -> None:
        self.send("tag_change", self.any_of(), **self.form(self.dice.choice([None, self.any_of()])))

    def merge(self) -> None:
        from apps.tags.models import Tag

        into = Tag.objects.filter(pk=self.any_of()).first()
        self.send("tag_merge_page", self.any_of(), into=into.name if into else "")

    def undo(self) -> None:
        from apps.tags.models import TagMerge

        merges = list(TagMerge.objects.standing().values_list("pk", flat=True)[:5])
        if merges:
            self.send("tagmerge_undo", self.dice.choice(merges), _form_submitted="on")

    def delete(self) -> None:
        self.send("tag_delete", self.any_of(), post="yes")


def writer(number: int, user_id: int, session: str) -> Writer:
    """One for the API and one for the admin in turn."""
    return ApiWriter(number, user_id) if number % 2 else AdminWriter(number, session)


def main(number: str, steps: str, user_id: str, session: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.RATE_LIMITS = {name: (1_000_000, 60) for name in settings.RATE_LIMITS}
    sys.stdout.write(json.dumps(writer(int(number), int(user_id), session).write(int(steps))))


if __name__ == "__main__":
    main(*sys.argv[1:])
