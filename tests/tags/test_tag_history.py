"""Every change of a tag leaves a version: what, by whom, why."""

import pytest

from apps.tags.models import Tag
from apps.tags.services import (
    change_tag,
    create_tag,
    delete_tag,
    merge_tag,
    move_tag,
    undo_merge,
)
from tests.factories import ProblemFactory, UserFactory
from tests.tags.outlines import plant

pytestmark = pytest.mark.django_db


def versions(tag: Tag) -> list[tuple[str, str, str | None]]:
    rows = Tag.history.filter(id=tag.pk).order_by("history_id")
    return [(row.history_type, row.name, row.history_change_reason) for row in rows]


def test_a_tag_is_made_renamed_moved_and_deleted():
    curator = UserFactory()
    parent = create_tag(name="Languages", tag_type="topic")
    tag = create_tag(name="Pyhton", tag_type="language", aliases=["py"], by=curator)
    change_tag(tag_id=tag.pk, name="Python", aliases=["CPython"], by=curator)
    move_tag(tag_id=tag.pk, parent_id=parent.pk)
    delete_tag(tag_id=tag.pk)

    assert versions(tag) == [
        ("+", "Pyhton", None),
        ("~", "Python", "Aliases: + CPython, − py"),
        ("~", "Python", "Moved"),
        ("-", "Python", None),
    ]
    rows = Tag.history.filter(id=tag.pk).order_by("history_id")
    assert [row.parent_id for row in rows] == [None, None, parent.pk, parent.pk]
    assert [row.history_user for row in rows[:2]] == [curator, curator]


def test_what_changes_nothing_and_what_counts_problems_leaves_no_version():
    tag = create_tag(name="Python", tag_type="language")

    change_tag(tag_id=tag.pk, name="Python", tag_type="language")
    ProblemFactory(tags=[tag])

    assert Tag.objects.get().problem_count == 1
    assert versions(tag) == [("+", "Python", None)]


def test_a_merge_and_its_undoing_are_told_on_both_tags():
    curator = UserFactory()
    tags = plant({"React": {}, "React.js": {"Hooks": {}}})
    merge = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=curator)
    undo_merge(merge_id=merge.pk, by=curator)

    assert versions(tags["React"])[1:] == [
        ("~", "React", "Merged “React.js” into it"),
        ("~", "React", "Merge of “React.js” taken back"),
    ]
    merged = [version for version in versions(tags["React.js"]) if version[0] != "~"]
    assert merged[1:] == [
        ("-", "React.js", "Merged into “React”"),
        ("+", "React.js", "Merge into “React” taken back"),
    ]


def test_whoever_asks_over_http_is_noted(curator):
    curator.post("/api/tags/", {"name": "Go", "tag_type": "language"})
    curator.post("/api/tags/go/move/", {"parent": None})
    curator.delete("/api/tags/go/")

    assert [row.history_user for row in Tag.history.all()] == [curator.user] * 3
