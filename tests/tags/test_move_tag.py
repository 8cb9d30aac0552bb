import random

import pytest

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.tags.events import tree_changed
from apps.tags.selectors import tree_faults
from apps.tags.services import move_tag
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
TREE = {
    "Languages": {"Python": {"asyncio": {}}, "Go": {}, "Rust": {}},
    "Tools": {"Git": {}},
    "Levels": {},
}


@pytest.fixture
def tags():
    return plant(TREE)


@pytest.mark.parametrize(
    ("name", "parent", "position", "target", "expected"),
    [
        (
            "Python",
            "Tools",
            "last-child",
            None,
            {
                "Languages": {"Go": {}, "Rust": {}},
                "Tools": {"Git": {}, "Python": {"asyncio": {}}},
                "Levels": {},
            },
        ),
        (
            "Python",
            "Tools",
            "first-child",
            None,
            {
                "Languages": {"Go": {}, "Rust": {}},
                "Tools": {"Python": {"asyncio": {}}, "Git": {}},
                "Levels": {},
            },
        ),
        (
            "Rust",
            "Languages",
            "left",
            "Python",
            {
                "Languages": {"Rust": {}, "Python": {"asyncio": {}}, "Go": {}},
                "Tools": {"Git": {}},
                "Levels": {},
            },
        ),
        (
            "Python",
            "Languages",
            "right",
            "Go",
            {
                "Languages": {"Go": {}, "Python": {"asyncio": {}}, "Rust": {}},
                "Tools": {"Git": {}},
                "Levels": {},
            },
        ),
        (
            "Python",
            None,
            "first-child",
            None,
            {
                "Python": {"asyncio": {}},
                "Languages": {"Go": {}, "Rust": {}},
                "Tools": {"Git": {}},
                "Levels": {},
            },
        ),
        (
            "Python",
            None,
            "last-child",
            None,
            {
                "Languages": {"Go": {}, "Rust": {}},
                "Tools": {"Git": {}},
                "Levels": {},
                "Python": {"asyncio": {}},
            },
        ),
        (
            "Levels",
            None,
            "left",
            "Tools",
            {"Languages": TREE["Languages"], "Levels": {}, "Tools": {"Git": {}}},
        ),
        (
            "Git",
            None,
            "right",
            "Languages",
            {"Languages": TREE["Languages"], "Git": {}, "Tools": {}, "Levels": {}},
        ),
        (
            "Languages",
            "Tools",
            "last-child",
            None,
            {"Tools": {"Git": {}, "Languages": TREE["Languages"]}, "Levels": {}},
        ),
    ],
)
def test_a_tag_moves_with_all_below_it(tags, name, parent, position, target, expected):
    move_tag(
        tag_id=tags[name].pk,
        parent_id=tags[parent].pk if parent else None,
        position=position,
        target_id=tags[target].pk if target else None,
    )

    moved = outline()
    assert moved == expected
    assert [list(moved), *map(list, moved.values())] == [
        list(expected),
        *map(list, expected.values()),
    ]
    assert tree_faults() == []


def test_a_move_to_where_it_is_changes_nothing(tags):
    move_tag(tag_id=tags["Rust"].pk, parent_id=tags["Languages"].pk)
    move_tag(tag_id=tags["Levels"].pk, parent_id=None)

    assert outline() == TREE
    assert tree_faults() == []


@pytest.mark.parametrize("below", ["Languages", "Python", "asyncio"])
def test_a_tag_does_not_go_under_itself_or_below(tags, below):
    with pytest.raises(ConflictError) as refusal:
        move_tag(tag_id=tags["Languages"].pk, parent_id=tags[below].pk)

    assert refusal.value.code == "tag_cycle"
    assert outline() == TREE


def test_the_lowest_tag_below_counts_for_the_depth(tags):
    deep = plant({"A": {"B": {"C": {"D": {}}}}})

    with pytest.raises(ConflictError) as refusal:
        move_tag(tag_id=deep["A"].pk, parent_id=tags["asyncio"].pk)

    assert refusal.value.code == "tag_too_deep"
    move_tag(tag_id=deep["A"].pk, parent_id=tags["Python"].pk)
    assert outline()["Languages"]["Python"] == {"asyncio": {}, "A": {"B": {"C": {"D": {}}}}}


@pytest.mark.parametrize(
    ("position", "target", "field"),
    [
        ("above", None, "position"),
        ("left", None, "target"),
        ("left", "Git", "target"),
        ("right", "Python", "target"),
        ("last-child", "Go", "target"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(tags, position, target, field):
    with pytest.raises(InvalidInputError) as refusal:
        move_tag(
            tag_id=tags["Python"].pk,
            parent_id=tags["Languages"].pk,
            position=position,
            target_id=tags[target].pk if target else None,
        )

    assert refusal.value.field == field
    assert outline() == TREE


def test_unknown_tags_are_not_found(tags):
    with pytest.raises(NotFoundError):
        move_tag(tag_id=987654, parent_id=None)
    with pytest.raises(InvalidInputError) as refusal:
        move_tag(tag_id=tags["Go"].pk, parent_id=987654)

    assert (refusal.value.field, refusal.value.code) == ("parent", "not_found")


def test_the_apps_above_hear_of_a_new_parent_only(tags):
    told = []
    listener = lambda tag_ids, **kwargs: told.append(tag_ids)  # noqa: E731 -- kept alive by name
    tree_changed.connect(listener)

    try:
        move_tag(tag_id=tags["Rust"].pk, parent_id=tags["Languages"].pk, position="first-child")
        move_tag(tag_id=tags["Rust"].pk, parent_id=tags["Tools"].pk)
        move_tag(tag_id=tags["Levels"].pk, parent_id=tags["Tools"].pk)
    finally:
        tree_changed.disconnect(listener)

    assert told == [{tags["Rust"].pk, tags["Languages"].pk}, {tags["Levels"].pk}]


def test_a_hundred_random_moves_leave_what_a_plain_model_says(tags):
    dice = random.Random(7)
    names = list(tags)
    parents = {name: tags[name].parent.name if tags[name].parent else None for name in names}
    for _ in range(100):
        name, parent = dice.choice(names), dice.choice([None, *names])
        position = dice.choice(["first-child", "last-child"])
        try:
            move_tag(
                tag_id=tags[name].pk,
                parent_id=tags[parent].pk if parent else None,
                position=position,
            )
        except ConflictError:
            continue
        parents[name] = parent

    found = {}

    def read(below: dict, parent: str | None) -> None:
        for name, rest in below.items():
            found[name] = parent
            read(rest, name)

    read(outline(), None)
    assert found == parents
    assert tree_faults() == []
