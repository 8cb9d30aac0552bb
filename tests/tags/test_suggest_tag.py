import threading

import pytest
from django.db import connection

from apps.core.errors import ConflictError, InvalidInputError
from apps.tags.errors import NameTakenError
from apps.tags.models import TagSuggestion, TagSuggestionRequest
from apps.tags.services import (
    approve_suggestion,
    change_tag,
    create_tag,
    know_or_suggest,
    reject_suggestion,
    suggest_tag,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_suggestion_keeps_who_asked_and_why():
    parent, user = create_tag(name="JavaScript", tag_type="language"), UserFactory()

    suggestion, created = suggest_tag(
        name=" Bun ",
        source="user",
        by=user,
        tag_type="tool",
        suggested_parent_id=parent.pk,
        reason="Many use it.",
    )

    suggestion.refresh_from_db()
    assert created is True
    assert (suggestion.name, suggestion.normalized_name, suggestion.status) == (
        "Bun",
        "bun",
        "pending",
    )
    assert (suggestion.tag_type, suggestion.source) == ("tool", "user")
    assert suggestion.suggested_parent == parent
    request = suggestion.requests.get()
    assert (request.user, request.reason) == (user, "Many use it.")


def test_whoever_asks_for_a_name_that_waits_joins_it():
    first, second = UserFactory(), UserFactory()
    suggestion, _ = suggest_tag(name="Bun", source="user", by=first, tag_type="tool")

    again, created = suggest_tag(name="ＢＵＮ", source="author", by=second, tag_type="language")
    suggest_tag(name="bun", source="user", by=second, reason="Please.")

    assert (again, created) == (suggestion, False)
    assert TagSuggestion.objects.values_list("name", "tag_type", "source").get() == (
        "Bun",
        "tool",
        "user",
    )
    assert set(suggestion.requests.values_list("user", "reason")) == {
        (first.pk, ""),
        (second.pk, ""),
    }


@pytest.mark.parametrize("name", ["React", "REACT", "reactjs"])
def test_a_name_that_a_tag_answers_to_is_refused(name):
    tag = create_tag(name="React", tag_type="framework", aliases=["ReactJS"])

    with pytest.raises(NameTakenError) as refusal:
        suggest_tag(name=name, source="user", by=UserFactory())

    assert refusal.value.tag == tag
    assert not TagSuggestion.objects.exists()
    assert not TagSuggestionRequest.objects.exists()


def test_a_name_decided_before_leads_to_its_tag():
    suggestion, _ = suggest_tag(name="bunjs", source="user", tag_type="tool")
    approve_suggestion(suggestion_id=suggestion.pk, by=None, name="Bun")

    with pytest.raises(NameTakenError, match="“BunJS” already names the tag “Bun”"):
        suggest_tag(name="BunJS", source="user")


def test_a_name_decided_before_leads_to_its_tag_although_the_tag_was_renamed():
    suggestion, _ = suggest_tag(name="Bun", source="user", tag_type="tool")
    tag = approve_suggestion(suggestion_id=suggestion.pk, by=None)
    change_tag(tag_id=tag.pk, name="Bun runtime")

    with pytest.raises(NameTakenError, match="“Bun” already names the tag “Bun runtime”"):
        suggest_tag(name="Bun", source="user")


def test_a_rejected_name_never_comes_back():
    suggestion, _ = suggest_tag(name="Blub", source="user")
    reject_suggestion(suggestion_id=suggestion.pk, by=None, note="Not a thing.")

    with pytest.raises(ConflictError) as refusal:
        suggest_tag(name="BLUB", source="user", by=UserFactory())

    assert refusal.value.code == "tag_rejected"
    assert refusal.value.detail == "“Blub” was suggested before and rejected: Not a thing."
    assert TagSuggestion.objects.get().status == "rejected"
    assert not TagSuggestionRequest.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"tag_type": "vegetable"}, "tag_type"),
        ({"suggested_parent_id": 987654}, "suggested_parent"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_cannot_be_is_refused(fields, field):
    with pytest.raises(InvalidInputError) as refusal:
        suggest_tag(**({"name": "Bun", "source": "user"} | fields))

    assert refusal.value.field == field
    assert not TagSuggestion.objects.exists()


def test_many_names_are_known_or_suggested_in_a_constant_number_of_queries(
    django_assert_num_queries,
):
    user = UserFactory()
    react = create_tag(name="React", tag_type="framework", aliases=["ReactJS"])
    waiting, _ = suggest_tag(name="Deno", source="user")
    rejected, _ = suggest_tag(name="Blub", source="user")
    reject_suggestion(suggestion_id=rejected.pk, by=None)
    names = ["reactjs", "REACT", "Deno", "Blub", *(f"New {number}" for number in range(30))]

    with django_assert_num_queries(8):
        known = know_or_suggest(names=names, source="author", by=user)

    assert known.tags == {"reactjs": react, "react": react}
    assert known.rejected.keys() == {"blub"}
    assert known.pending.keys() == {"deno", *(f"new {number}" for number in range(30))}
    assert known.pending["deno"] == waiting
    assert {s.source for s in known.pending.values()} == {"user", "author"}
    assert user.tag_requests.count() == 31


@pytest.mark.django_db(transaction=True)
def test_a_name_suggested_and_created_at_once_does_not_stay_pending():
    for number in range(5):
        start = threading.Barrier(2)

        def run(work, start=start):
            start.wait(30)
            try:
                work()
            except NameTakenError:
                pass
            finally:
                connection.close()

        name = f"Name {number}"
        people = [
            threading.Thread(target=run, args=(work,))
            for work in (
                lambda name=name: suggest_tag(name=name, source="user"),
                lambda name=name: create_tag(name=name, tag_type="topic"),
            )
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()

    assert not TagSuggestion.objects.filter(status="pending").exists()
