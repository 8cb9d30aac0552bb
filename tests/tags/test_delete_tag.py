import pytest

from apps.core.errors import ConflictError, NotFoundError
from apps.tags.models import Tag, TagName
from apps.tags.selectors import tree_faults
from apps.tags.services import approve_suggestion, create_tag, delete_tag, suggest_tag
from tests.factories import ProblemFactory, SubscriptionFactory
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db


def test_a_tag_goes_with_its_names():
    tags = plant({"Languages": {"Python": {}, "Go": {}}})

    delete_tag(tag_id=tags["Python"].pk)

    assert outline() == {"Languages": {"Go": {}}}
    assert tree_faults() == []
    assert sorted(TagName.objects.values_list("normalized", flat=True)) == ["go", "languages"]
    create_tag(name="Python", tag_type="language")


def test_a_tag_with_children_stays():
    tags = plant({"Languages": {"Python": {}}})

    with pytest.raises(ConflictError, match="“Languages” has tags below it") as refusal:
        delete_tag(tag_id=tags["Languages"].pk)

    assert refusal.value.code == "tag_in_use"
    assert outline() == {"Languages": {"Python": {}}}


def test_a_tag_in_use_stays_and_the_refusal_says_by_whom():
    tag = create_tag(name="Python", tag_type="language")
    ProblemFactory(tags=[tag])
    ProblemFactory(tags=[tag], status="draft", approved_at=None)
    SubscriptionFactory(tags=[tag])

    with pytest.raises(ConflictError) as refusal:
        delete_tag(tag_id=tag.pk)

    assert refusal.value.code == "tag_in_use"
    assert refusal.value.detail == (
        "“Python” is in use (problems: 2, subscribers: 1). Merge it into another tag instead."
    )
    assert Tag.objects.get() == tag


def test_a_tag_that_a_suggestion_was_decided_for_stays():
    suggestion, _ = suggest_tag(name="Bun", source="user", tag_type="tool")
    tag = approve_suggestion(suggestion_id=suggestion.pk, by=None)

    with pytest.raises(ConflictError, match="decided suggestions: 1"):
        delete_tag(tag_id=tag.pk)


def test_a_tag_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError):
        delete_tag(tag_id=987654)
