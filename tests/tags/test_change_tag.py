import pytest
from django.utils import timezone

from apps.core.errors import InvalidInputError, NotFoundError
from apps.tags.errors import NameTakenError
from apps.tags.models import Tag, TagName
from apps.tags.services import change_tag, create_tag, suggest_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def react() -> Tag:
    return create_tag(
        name="React", tag_type="framework", description="Hooks.", aliases=["ReactJS", "React.js"]
    )


def names(tag: Tag) -> list[tuple[str, str]]:
    return list(tag.names.order_by("id").values_list("name", "kind"))


def test_only_what_is_named_changes(react):
    change_tag(tag_id=react.pk, description="Components.")

    react.refresh_from_db()
    assert (react.name, react.tag_type, react.description) == ("React", "framework", "Components.")
    assert names(react) == [("React", "primary"), ("ReactJS", "alias"), ("React.js", "alias")]


def test_everything_may_change_but_the_slug(react):
    change_tag(
        tag_id=react.pk,
        name="React 19",
        tag_type="tool",
        description="",
        is_featured=True,
        aliases=["Reakt"],
    )

    react.refresh_from_db()
    assert (react.name, react.slug, react.tag_type) == ("React 19", "react", "tool")
    assert (react.description, react.is_featured) == ("", True)
    assert names(react) == [("React 19", "primary"), ("Reakt", "alias")]


def test_a_tag_may_swap_its_name_with_an_alias(react):
    change_tag(tag_id=react.pk, name="ReactJS", aliases=["React"])

    assert names(react) == [("ReactJS", "primary"), ("React", "alias")]


def test_a_rename_to_its_own_alias_takes_the_alias_over(react):
    change_tag(tag_id=react.pk, name="reactjs")

    assert names(react) == [("reactjs", "primary"), ("React.js", "alias")]


def test_another_spelling_of_its_own_name_is_no_conflict(react):
    change_tag(tag_id=react.pk, name="REACT")

    assert names(react)[0] == ("REACT", "primary")


def test_a_redirect_stays_unless_it_becomes_a_name_again(react):
    TagName.objects.create(tag=react, name="Old", normalized="old", kind="redirect")
    TagName.objects.create(tag=react, name="Older", normalized="older", kind="redirect")

    change_tag(tag_id=react.pk, aliases=["Older"])

    assert sorted(names(react)) == [
        ("Old", "redirect"),
        ("Older", "alias"),
        ("React", "primary"),
    ]


def test_a_change_to_the_same_writes_nothing(react, django_assert_max_num_queries):
    before = Tag.objects.values().get()

    change_tag(tag_id=react.pk, name="React", aliases=["ReactJS", "React.js"])

    assert Tag.objects.values().get() == before


def test_a_change_of_aliases_alone_is_seen_in_updated_at(react):
    before = timezone.now()

    change_tag(tag_id=react.pk, aliases=[])

    react.refresh_from_db()
    assert react.updated_at > before


def test_a_name_of_another_tag_is_refused_and_nothing_is_touched(react):
    vue = create_tag(name="Vue.js", tag_type="framework", aliases=["Vue"])
    before = (Tag.objects.values().get(pk=vue.pk), names(vue))

    with pytest.raises(NameTakenError, match="“reactjs” already names the tag “React”"):
        change_tag(tag_id=vue.pk, name="reactjs", description="Other")

    assert (Tag.objects.values().get(pk=vue.pk), names(vue)) == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "\u202e"}, "name"),
        ({"tag_type": ""}, "tag_type"),
        ({"description": "a\nb"}, "description"),
        ({"aliases": [""]}, "aliases"),
    ],
)
def test_what_cannot_be_is_refused(react, fields, field):
    before = (Tag.objects.values().get(), names(react))

    with pytest.raises(InvalidInputError) as refusal:
        change_tag(tag_id=react.pk, **fields)

    assert refusal.value.field == field
    assert (Tag.objects.values().get(), names(react)) == before


def test_a_tag_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError):
        change_tag(tag_id=987654, name="Go")


def test_a_new_alias_serves_whoever_waits_for_it(react):
    suggestion, _ = suggest_tag(name="Reakt", source="user")

    change_tag(tag_id=react.pk, aliases=["Reakt"])

    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.resolved_tag) == ("merged", react)
