import pytest

from apps.core.errors import ConflictError, NotFoundError
from apps.tags.models import Tag, TagMerge, TagName, TagSuggestion
from apps.tags.selectors import merge_preview, resolve, tag_by_ref, tree_faults
from apps.tags.services import (
    approve_suggestion,
    change_tag,
    create_tag,
    merge_tag,
    suggest_tag,
)
from tests.factories import ProblemFactory, SubscriptionFactory, UserFactory
from tests.problems.lists import assert_lists_hold
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
TREE = {"Frontend": {"React.js": {"Hooks": {}, "JSX": {}}, "Vue": {}}, "React": {"Suspense": {}}}


@pytest.fixture
def tags():
    tags = plant(TREE)
    change_tag(tag_id=tags["React.js"].pk, aliases=["ReactJS"])
    return tags


def kinds(tag: Tag) -> dict[str, str]:
    return dict(tag.names.values_list("name", "kind"))


def test_children_names_and_everything_that_points_at_it_follow(tags):
    curator = UserFactory()
    problem = ProblemFactory(tags=[tags["React.js"], tags["Vue"]])
    both = ProblemFactory(tags=[tags["React.js"], tags["React"]])
    subscription = SubscriptionFactory(tags=[tags["React.js"]])
    waiting, _ = suggest_tag(name="Router", source="user", suggested_parent_id=tags["React.js"].pk)
    decided, _ = suggest_tag(name="Reakt", source="user", tag_type="tool")
    approve_suggestion(suggestion_id=decided.pk, by=None, name="Reakt JS")
    merge_tag(tag_id=tag_by_ref("reakt-js").pk, into_id=tags["React.js"].pk, by=None)

    merge = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=curator)

    react = Tag.objects.get(name="React")
    assert outline() == {
        "Frontend": {"Vue": {}},
        "React": {"Suspense": {}, "Hooks": {}, "JSX": {}},
    }
    assert kinds(react) == {
        "React": "primary",
        "React.js": "alias",
        "ReactJS": "alias",
        "Reakt JS": "alias",
        "react-js": "redirect",
        "reakt-js": "redirect",
    }
    assert set(problem.tags.all()) == {react, tags["Vue"]}
    assert list(both.tags.all()) == [react]
    assert list(subscription.tags.all()) == [react]
    waiting.refresh_from_db()
    decided.refresh_from_db()
    assert (waiting.suggested_parent, decided.resolved_tag) == (react, react)
    assert (merge.merged_name, merge.into_name, merge.merged_by) == ("React.js", "React", curator)
    assert (merge.merged_slug, merge.into_slug, merge.undone_at) == ("react-js", "react", None)
    assert tree_faults() == []
    assert_lists_hold()


def test_every_former_name_and_slug_leads_to_the_survivor(tags):
    merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)

    assert set(resolve(["REACT.JS", "reactjs", "React"]).values()) == {tags["React"]}
    assert tag_by_ref("react-js") == tags["React"]


def test_a_slug_lives_on_though_the_alias_of_the_same_letters_is_taken_away(tags):
    merge_tag(tag_id=tags["Vue"].pk, into_id=tags["React"].pk, by=None)

    change_tag(tag_id=tags["React"].pk, aliases=[])

    assert tag_by_ref("vue") == tags["React"]
    assert kinds(tags["React"]) == {"React": "primary", "Vue": "redirect"}


def test_nobody_gets_the_slug_of_a_merged_tag(tags):
    merge_tag(tag_id=tags["Vue"].pk, into_id=tags["React"].pk, by=None)

    other = create_tag(name="Vue!", tag_type="topic")

    assert other.slug == "vue-2"
    with pytest.raises(ConflictError) as refusal:
        create_tag(name="View", tag_type="topic", slug="vue")
    assert refusal.value.code == "tag_name_taken"


def test_a_tag_may_go_into_the_one_above_it(tags):
    merge_tag(tag_id=tags["React.js"].pk, into_id=tags["Frontend"].pk, by=None)

    assert outline() == {
        "Frontend": {"Vue": {}, "Hooks": {}, "JSX": {}},
        "React": {"Suspense": {}},
    }
    assert tree_faults() == []


@pytest.mark.parametrize(
    ("into", "detail"),
    [
        ("Frontend", "“Frontend” cannot be merged into itself."),
        (
            "Hooks",
            "“Frontend” cannot be merged into “Hooks”, which lies below it. "
            "Move “Hooks” elsewhere first.",
        ),
    ],
)
def test_a_tag_does_not_go_into_itself_or_something_below_it(tags, into, detail):
    with pytest.raises(ConflictError) as refusal:
        merge_tag(tag_id=tags["Frontend"].pk, into_id=tags[into].pk, by=None)

    assert (refusal.value.code, refusal.value.detail) == ("tag_cycle", detail)
    assert outline() == TREE
    assert not TagMerge.objects.exists()


def test_what_would_lie_too_deep_is_refused():
    tags = plant({"A": {"B": {"C": {"D": {"E": {"F": {}}}}}}, "G": {"H": {}}})

    with pytest.raises(ConflictError) as refusal:
        merge_tag(tag_id=tags["G"].pk, into_id=tags["F"].pk, by=None)

    assert refusal.value.code == "tag_too_deep"
    assert not TagMerge.objects.exists()


def test_more_other_names_than_a_tag_may_have_are_refused(tags):
    change_tag(tag_id=tags["React"].pk, aliases=[f"Name {number}" for number in range(29)])

    with pytest.raises(ConflictError) as refusal:
        merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)

    assert refusal.value.code == "too_many_aliases"
    merge_tag(tag_id=tags["Vue"].pk, into_id=tags["React"].pk, by=None)
    assert change_tag(tag_id=tags["React"].pk, name="Reakt").names.count() == 31


def test_a_slug_that_a_third_tag_is_called_is_refused(tags):
    change_tag(tag_id=tags["Vue"].pk, aliases=["react-js"])

    with pytest.raises(ConflictError) as refusal:
        merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)

    assert refusal.value.code == "tag_name_taken"
    assert "Vue" in refusal.value.detail


@pytest.mark.parametrize("missing", ["tag_id", "into_id"])
def test_an_unknown_tag_is_absent(tags, missing):
    refs = {"tag_id": tags["React.js"].pk, "into_id": tags["React"].pk, missing: 0}

    with pytest.raises(NotFoundError):
        merge_tag(**refs, by=None)


def test_a_preview_counts_what_would_move_and_moves_nothing(tags, django_assert_num_queries):
    ProblemFactory(tags=[tags["React.js"], tags["Vue"]])
    SubscriptionFactory(tags=[tags["React.js"]])
    names = list(TagName.objects.values_list())

    preview = merge_preview(tag_id=tags["React.js"].pk, into_id=tags["React"].pk)

    assert preview.uses == {"problems": 1, "subscribers": 1}
    assert (preview.children_count, preview.names_count) == (2, 2)
    assert outline() == TREE
    assert list(TagName.objects.values_list()) == names
    assert not TagSuggestion.objects.exists()
