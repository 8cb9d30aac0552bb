from typing import Any

import pytest

from apps.core.errors import ConflictError, NotFoundError
from apps.notifications.models import SubscriptionTag
from apps.problems.models import ProblemTag
from apps.tags.models import Tag, TagMerge, TagName, TagSuggestion
from apps.tags.selectors import tag_by_ref, tree_faults
from apps.tags.services import (
    approve_suggestion,
    change_tag,
    create_tag,
    delete_tag,
    merge_tag,
    move_tag,
    suggest_tag,
    undo_merge,
)
from tests.factories import ProblemFactory, SubscriptionFactory, UserFactory
from tests.problems.lists import assert_lists_hold
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
TREE = {
    "Frontend": {"Svelte": {}, "React.js": {"Hooks": {}, "JSX": {}}, "Vue": {}},
    "React": {"Suspense": {}},
}


@pytest.fixture
def tags():
    tags = plant(TREE)
    change_tag(tag_id=tags["React.js"].pk, aliases=["ReactJS"])
    ProblemFactory(tags=[tags["React.js"], tags["Vue"]])
    ProblemFactory(tags=[tags["React.js"], tags["React"]])
    ProblemFactory(tags=[tags["React"], tags["JSX"]])
    SubscriptionFactory(tags=[tags["React.js"]])
    SubscriptionFactory(tags=[tags["React.js"], tags["React"]])
    suggest_tag(name="Router", source="user", suggested_parent_id=tags["React.js"].pk)
    decided, _ = suggest_tag(name="Reakt", source="user", tag_type="tool")
    approve_suggestion(suggestion_id=decided.pk, by=None, parent_id=tags["React.js"].pk)
    return {tag.name: tag for tag in Tag.objects.all()}


@pytest.fixture
def merge(tags):
    return merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)


def everything() -> dict[str, Any]:
    """All rows that a merge may touch, without the numbering of the tree and the ids of links."""
    columns = [
        f.name for f in Tag._meta.concrete_fields if f.name not in ("tree_id", "lft", "rght")
    ]
    return {
        "tree": outline(),
        "tags": set(Tag.objects.values_list(*columns)),
        "names": set(TagName.objects.values_list()),
        "suggestions": set(TagSuggestion.objects.values_list()),
        "problems": set(ProblemTag.objects.values_list("problem", "tag")),
        "interests": set(SubscriptionTag.objects.values_list("subscription", "tag")),
    }


@pytest.mark.parametrize(
    ("name", "into"),
    [
        ("React.js", "React"),
        ("React.js", "Frontend"),
        ("React", "React.js"),
        ("React", "Hooks"),
        ("Svelte", "Vue"),
        ("Vue", "Svelte"),
        ("Frontend", "React"),
        ("Hooks", "JSX"),
        ("Reakt", "Suspense"),
    ],
)
def test_a_merge_undone_never_was(tags, name, into):
    curator = UserFactory()
    before = everything()
    merge = merge_tag(tag_id=tags[name].pk, into_id=tags[into].pk, by=None)

    undone = undo_merge(merge_id=merge.pk, by=curator)

    assert everything() == before
    assert (undone.undone_by, undone.undone_at is None) == (curator, False)
    assert tag_by_ref(tags[name].slug) == tags[name]
    assert tree_faults() == []
    assert_lists_hold()


def test_merges_into_each_other_are_undone_last_first(tags):
    start = everything()
    first = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)
    middle = everything()
    second = merge_tag(tag_id=tags["React"].pk, into_id=tags["Frontend"].pk, by=None)

    assert refusal(first) == "“React” was merged into “Frontend” since. Undo that first."
    undo_merge(merge_id=second.pk, by=None)
    assert everything() == middle
    undo_merge(merge_id=first.pk, by=None)
    assert everything() == start
    assert_lists_hold()


def test_merges_into_one_tag_are_undone_last_first(tags):
    start = everything()
    first = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)
    second = merge_tag(tag_id=tags["Vue"].pk, into_id=tags["React"].pk, by=None)

    assert refusal(first) == "“Vue” was merged into “React” since. Undo that first."
    undo_merge(merge_id=second.pk, by=None)
    undo_merge(merge_id=first.pk, by=None)
    assert everything() == start


def test_a_tag_may_be_merged_again_after_undo(tags, merge):
    undo_merge(merge_id=merge.pk, by=None)

    again = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["Vue"].pk, by=None)

    assert [row.pk for row in TagMerge.objects.standing()] == [again.pk]


def refusal(merge: TagMerge) -> str:
    """What undo says; that it changes nothing is checked here."""
    before = everything()
    with pytest.raises(ConflictError) as refused:
        undo_merge(merge_id=merge.pk, by=None)
    assert refused.value.code == "merge_touched"
    assert everything() == before
    merge.refresh_from_db()
    assert merge.undone_at is None
    return refused.value.detail


@pytest.mark.parametrize(
    ("touch", "detail"),
    [
        (lambda t: change_tag(tag_id=t["React"].pk, name="Reagent"), "“React” was changed since."),
        (lambda t: change_tag(tag_id=t["React"].pk, aliases=[]), "“React” was changed since."),
        (
            lambda t: change_tag(tag_id=t["React"].pk, is_featured=True),
            "“React” was changed since.",
        ),
        (
            lambda t: move_tag(tag_id=t["React"].pk, parent_id=t["Frontend"].pk),
            "“React” was moved since.",
        ),
        (
            lambda t: move_tag(tag_id=t["Hooks"].pk, parent_id=t["Vue"].pk),
            "“Hooks” is no longer under “React”.",
        ),
        (lambda t: delete_tag(tag_id=t["Hooks"].pk), "“Hooks” is no longer under “React”."),
        (
            lambda t: merge_tag(tag_id=t["Frontend"].pk, into_id=t["Suspense"].pk, by=None),
            "“Frontend”, under which it was, is no longer there.",
        ),
    ],
)
def test_undo_is_refused_naming_what_was_touched_since(tags, merge, touch, detail):
    touch(tags)

    assert refusal(merge) == detail


def test_undo_is_refused_when_the_survivor_is_gone():
    tags = plant({"React": {}, "React.js": {}})
    merge = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)
    delete_tag(tag_id=tags["React"].pk)

    assert refusal(merge) == "“React” was deleted since."


@pytest.mark.parametrize("model", [ProblemTag, SubscriptionTag])
def test_undo_is_refused_when_a_link_was_changed_since(tags, merge, model):
    model.objects.filter(tag=tags["React"]).first().delete()
    before = everything()

    with pytest.raises(ConflictError):
        undo_merge(merge_id=merge.pk, by=None)

    assert everything() == before


def test_a_place_that_has_sunk_too_deep_refuses_undo():
    tags = plant({"A": {"B": {"C": {"D": {}}}}, "E": {"F": {"G": {}}}, "H": {}})
    merge = merge_tag(tag_id=tags["F"].pk, into_id=tags["H"].pk, by=None)
    move_tag(tag_id=tags["E"].pk, parent_id=tags["D"].pk)

    with pytest.raises(ConflictError) as refused:
        undo_merge(merge_id=merge.pk, by=None)

    assert refused.value.code == "tag_too_deep"
    assert outline() == {"A": {"B": {"C": {"D": {"E": {}}}}}, "H": {"G": {}}}


def test_what_came_to_the_survivor_meanwhile_stays_there(tags, merge):
    problem = ProblemFactory(tags=[tags["React"]])
    create_tag(name="Fiber", tag_type="concept", parent_id=tags["React"].pk)

    undo_merge(merge_id=merge.pk, by=None)

    assert list(problem.tags.all()) == [tags["React"]]
    assert outline()["React"] == {"Suspense": {}, "Fiber": {}}
    assert_lists_hold()


def test_a_tag_comes_back_beside_the_elder_sibling_that_is_still_there(tags, merge):
    delete_tag(tag_id=tags["Svelte"].pk)

    undo_merge(merge_id=merge.pk, by=None)

    assert list(outline()["Frontend"]) == ["React.js", "Vue"]


def test_a_merge_is_undone_once(merge):
    undo_merge(merge_id=merge.pk, by=None)

    with pytest.raises(ConflictError) as refused:
        undo_merge(merge_id=merge.pk, by=None)

    assert refused.value.code == "already_undone"


def test_an_unknown_merge_is_absent():
    with pytest.raises(NotFoundError):
        undo_merge(merge_id=0, by=None)
