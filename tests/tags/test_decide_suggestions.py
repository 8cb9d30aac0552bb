import pytest

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.tags.errors import NameTakenError
from apps.tags.events import suggestion_decided
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import (
    approve_suggestion,
    create_tag,
    merge_suggestion,
    reject_suggestion,
    suggest_tag,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent() -> Tag:
    return create_tag(name="JavaScript", tag_type="language")


@pytest.fixture
def bun(parent) -> TagSuggestion:
    suggestion, _ = suggest_tag(
        name="Bun", source="user", tag_type="tool", suggested_parent_id=parent.pk
    )
    return suggestion


@pytest.fixture
def told():
    """What the apps above heard: (suggestion, tag)."""
    heard = []

    def listen(suggestion, tag, **kwargs):
        heard.append((suggestion, tag))

    suggestion_decided.connect(listen)
    yield heard
    suggestion_decided.disconnect(listen)


def decision(suggestion: TagSuggestion) -> tuple[str, Tag | None, str]:
    suggestion.refresh_from_db()
    assert (suggestion.reviewed_at is None) == (suggestion.status == "pending")
    return suggestion.status, suggestion.resolved_tag, suggestion.note


def test_approved_as_typed_it_becomes_a_tag_where_it_was_suggested(bun, parent, told):
    curator = UserFactory()

    tag = approve_suggestion(suggestion_id=bun.pk, by=curator)

    assert (tag.name, tag.tag_type, tag.parent) == ("Bun", "tool", parent)
    assert decision(bun) == ("approved", tag, "")
    assert bun.reviewed_by == curator
    assert told == [(bun, tag)]


def test_it_may_be_approved_with_another_name_type_and_parent(bun, told):
    tools = create_tag(name="Tools", tag_type="topic")

    tag = approve_suggestion(
        suggestion_id=bun.pk, by=None, name="Bun runtime", tag_type="framework", parent_id=tools.pk
    )

    assert (tag.name, tag.tag_type, tag.parent) == ("Bun runtime", "framework", tools)
    assert list(tag.names.values_list("name", flat=True)) == ["Bun runtime"]
    assert decision(bun) == ("approved", tag, "")
    assert told == [(bun, tag)]


def test_another_name_may_decide_two_at_once(bun, told):
    other, _ = suggest_tag(name="Bun.js", source="author")

    tag = approve_suggestion(suggestion_id=bun.pk, by=None, name="bun.js")

    assert decision(bun) == decision(other) == ("approved", tag, "")
    assert told == [(other, tag), (bun, tag)]


def test_approval_needs_a_type(told):
    suggestion, _ = suggest_tag(name="Bun", source="import")

    with pytest.raises(InvalidInputError) as refusal:
        approve_suggestion(suggestion_id=suggestion.pk, by=None)

    assert refusal.value.field == "tag_type"
    assert decision(suggestion) == ("pending", None, "")
    assert told == []


def test_approval_under_a_name_that_is_taken_is_refused(bun, parent, told):
    with pytest.raises(NameTakenError) as refusal:
        approve_suggestion(suggestion_id=bun.pk, by=None, name="javascript")

    assert refusal.value.tag == parent
    assert decision(bun) == ("pending", None, "")
    assert told == []
    assert Tag.objects.get() == parent


def test_merged_it_becomes_an_alias(bun, parent, told):
    curator = UserFactory()

    merge_suggestion(suggestion_id=bun.pk, into_id=parent.pk, by=curator)

    assert list(parent.names.order_by("id").values_list("name", "kind")) == [
        ("JavaScript", "primary"),
        ("Bun", "alias"),
    ]
    assert decision(bun) == ("merged", parent, "")
    assert bun.reviewed_by == curator
    assert told == [(bun, parent)]


def test_merged_into_a_tag_that_has_aliases_it_comes_after_them(parent):
    react = create_tag(name="React", tag_type="framework", aliases=["ReactJS"])
    suggestion, _ = suggest_tag(name="Reakt", source="user")

    merge_suggestion(suggestion_id=suggestion.pk, into_id=react.pk, by=None)

    aliases = react.names.filter(kind="alias").order_by("id")
    assert list(aliases.values_list("name", flat=True)) == ["ReactJS", "Reakt"]


def test_a_tag_to_merge_into_must_be_there(bun):
    with pytest.raises(InvalidInputError) as refusal:
        merge_suggestion(suggestion_id=bun.pk, into_id=987654, by=None)

    assert (refusal.value.field, refusal.value.code) == ("into", "not_found")
    assert decision(bun) == ("pending", None, "")


def test_rejected_it_keeps_the_note(bun, told):
    curator = UserFactory()

    reject_suggestion(suggestion_id=bun.pk, by=curator, note=" Not a tag. ")

    assert decision(bun) == ("rejected", None, "Not a tag.")
    assert bun.reviewed_by == curator
    assert told == [(bun, None)]
    assert Tag.objects.count() == 1


def test_a_note_that_cannot_be_is_refused(bun):
    with pytest.raises(InvalidInputError) as refusal:
        reject_suggestion(suggestion_id=bun.pk, by=None, note="x" * 501)

    assert refusal.value.field == "note"
    assert decision(bun) == ("pending", None, "")


@pytest.mark.parametrize("first", ["approve", "merge", "reject"])
@pytest.mark.parametrize("second", ["approve", "merge", "reject"])
def test_what_is_decided_stays_decided(bun, parent, told, first, second):
    decide = {
        "approve": lambda: approve_suggestion(suggestion_id=bun.pk, by=None),
        "merge": lambda: merge_suggestion(suggestion_id=bun.pk, into_id=parent.pk, by=None),
        "reject": lambda: reject_suggestion(suggestion_id=bun.pk, by=None, note="No."),
    }
    decide[first]()
    before = decision(bun)

    with pytest.raises(ConflictError) as refusal:
        decide[second]()

    assert refusal.value.code == "already_decided"
    assert decision(bun) == before
    assert len(told) == 1


@pytest.mark.parametrize(
    "decide",
    [
        lambda: approve_suggestion(suggestion_id=987654, by=None),
        lambda: merge_suggestion(suggestion_id=987654, into_id=1, by=None),
        lambda: reject_suggestion(suggestion_id=987654, by=None),
    ],
)
def test_a_suggestion_that_is_not_there_is_not_found(decide):
    with pytest.raises(NotFoundError):
        decide()


def test_a_listener_that_fails_undoes_the_decision(bun):
    def fail(**kwargs):
        raise ZeroDivisionError

    suggestion_decided.connect(fail)
    try:
        with pytest.raises(ZeroDivisionError):
            approve_suggestion(suggestion_id=bun.pk, by=None)
    finally:
        suggestion_decided.disconnect(fail)

    assert decision(bun) == ("pending", None, "")
    assert Tag.objects.count() == 1
