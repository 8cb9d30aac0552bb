import random
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.errors import ConflictError, DomainError
from apps.tags.errors import NameTakenError
from apps.tags.models import Tag, TagName
from apps.tags.selectors import tree_faults
from apps.tags.services import create_tag, delete_tag, move_tag
from apps.tags.tree import TreeWriteError, require_lock, tree_lock
from tests.tags.outlines import outline, plant


@pytest.mark.django_db
def test_the_lock_is_the_first_statement():
    with CaptureQueriesContext(connection) as captured, tree_lock():
        Tag.objects.exists()

    statements = [query["sql"].split("(")[0].split(" ")[:2] for query in captured]
    assert [words[0] for words in statements] == ["SAVEPOINT", "SELECT", "SELECT", "RELEASE"]
    assert statements[1] == ["SELECT", "pg_advisory_xact_lock"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda tag: tag.save(),
        lambda tag: tag.save(update_fields=["name"]),
        lambda tag: tag.delete(),
        lambda tag: tag.move_to(None),
        lambda tag: Tag(name="New", slug="new-one", tag_type="topic").insert_at(tag),
        lambda tag: Tag.objects.create(name="New", slug="new-one", tag_type="topic"),
        lambda tag: Tag.objects.move_node(tag, None),
        lambda tag: Tag.objects.insert_node(Tag(name="New", slug="new-one"), tag),
    ],
)
def test_tags_are_not_written_outside_the_lock(write: Callable[[Tag], object]):
    tag = plant({"Languages": {"Python": {}}})["Python"]

    with pytest.raises(TreeWriteError):
        write(tag)

    assert outline() == {"Languages": {"Python": {}}}
    assert tree_faults() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda: Tag.objects.update(parent=None),
        lambda: Tag.objects.update(parent_id=None),
        lambda: Tag.objects.filter(level=1).update(name="Renamed", lft=7),
        lambda: Tag.objects.bulk_update(Tag.objects.all(), ["tree_id"]),
        lambda: Tag.objects.bulk_create([Tag(name="New", slug="new-one", tag_type="topic")]),
        lambda: Tag.objects.all().delete(),
        lambda: Tag.objects.get(name="Languages").children.update(level=0),
        lambda: Tag.objects.rebuild(),
    ],
)
def test_bulk_writes_of_tree_columns_are_refused_even_inside_the_lock(
    write: Callable[[], object],
):
    plant({"Languages": {"Python": {}}})

    with tree_lock(), pytest.raises(TreeWriteError):
        write()

    assert outline() == {"Languages": {"Python": {}}}
    assert tree_faults() == []


@pytest.mark.django_db
def test_bulk_writes_of_other_columns_pass():
    plant({"Languages": {"Python": {}}})

    Tag.objects.filter(name="Python").update(description="Snakes")

    assert Tag.objects.get(name="Python").description == "Snakes"


@pytest.mark.django_db
def test_the_lock_is_let_go_when_the_work_fails():
    with pytest.raises(ZeroDivisionError), tree_lock():
        raise ZeroDivisionError

    with pytest.raises(TreeWriteError):
        require_lock("Anything")


@pytest.mark.django_db
def test_the_lock_nests():
    with tree_lock(), tree_lock():
        pass

    with tree_lock():
        with tree_lock():
            pass
        require_lock("Anything")

    with pytest.raises(TreeWriteError):
        require_lock("Anything")


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_cannot_be_had_in_time_is_a_conflict():
    taken, finished = threading.Event(), threading.Event()

    def hold() -> None:
        with tree_lock():
            taken.set()
            finished.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(30)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(ConflictError) as refusal, tree_lock():
                pass
    finally:
        finished.set()
        holder.join()

    assert refusal.value.code == "tree_busy"
    with tree_lock():
        pass


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_leave_a_sound_tree():
    first = plant({f"Root {number}": {} for number in range(4)})
    faults: list[Exception] = []
    counts = {"created": 0, "refused": 0}
    counting = threading.Lock()

    def write(number: int) -> None:
        dice = random.Random(number)
        mine = [tag.pk for tag in first.values()]
        try:
            for step in range(12):
                try:
                    _one_step(dice, mine, name=f"Tag {number}.{step}")
                except DomainError:
                    with counting:
                        counts["refused"] += 1
            with counting:
                counts["created"] += len(mine) - len(first)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the test must see it
            faults.append(fault)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert faults == []
    assert tree_faults() == []
    assert counts["created"] > 10
    assert Tag.objects.count() == TagName.objects.filter(kind="primary").count()


def _one_step(dice: random.Random, mine: list[int], *, name: str) -> None:
    """Mostly add; else move anything anywhere, or delete; services refuse what cannot be."""
    choice = dice.random()
    if choice < 0.5:
        mine.append(create_tag(name=name, tag_type="topic", parent_id=dice.choice(mine)).pk)
    elif choice < 0.85:
        position = dice.choice(["first-child", "last-child"])
        parent_id = dice.choice([None, *mine])
        move_tag(tag_id=dice.choice(mine), parent_id=parent_id, position=position)
    else:
        tag_id = dice.choice(mine[4:] or mine)
        delete_tag(tag_id=tag_id)
        mine.remove(tag_id)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_create_the_same_name_at_once_get_one_tag():
    start = threading.Barrier(2)
    outcomes: list[object] = []

    def create(name: str) -> None:
        start.wait(30)
        try:
            outcomes.append(create_tag(name=name, tag_type="language").name)
        except NameTakenError as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    writers = [threading.Thread(target=create, args=(name,)) for name in ("Zig", "ＺＩＧ")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    created = [outcome for outcome in outcomes if isinstance(outcome, str)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, NameTakenError)]
    assert len(created) == len(refused) == 1
    assert refused[0].tag.name == created[0]
    assert Tag.objects.count() == 1
