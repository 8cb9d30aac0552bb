"""The database itself refuses what must never be true, whoever writes it."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from apps.tags.models import Tag, TagName, TagSuggestionRequest
from tests.factories import TagFactory, TagSuggestionFactory, UserFactory

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def write(row: models.Model, **columns: object) -> None:
    """Past every service and every guard of the model."""
    with transaction.atomic():
        models.QuerySet(type(row)).filter(pk=row.pk).update(**columns)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"slug": "404"}, "tag_slug_shaped"),
        ({"slug": "Python"}, "tag_slug_shaped"),
        ({"slug": "a--b"}, "tag_slug_shaped"),
        ({"slug": "-a"}, "tag_slug_shaped"),
        ({"slug": ""}, "tag_slug_shaped"),
        ({"name": " \t"}, "tag_name_not_blank"),
        ({"level": 6}, "tag_at_most_six_deep"),
        ({"lft": 2, "rght": 2}, "tag_left_before_right"),
        ({"tag_type": "vegetable"}, "tag_tag_type_known"),
    ],
)
def test_a_tag_that_breaks_a_rule_is_refused(columns, constraint):
    tag = TagFactory()

    with refused(constraint):
        write(tag, **columns)


def test_a_tag_is_not_its_own_parent():
    tag = TagFactory()

    with refused("tag_not_its_own_parent"):
        write(tag, parent_id=tag.pk)


def test_two_tags_have_two_slugs():
    first, second = TagFactory(), TagFactory()

    with refused("tag_slug_unique"):
        write(second, slug=first.slug)


def test_a_normalised_name_leads_to_one_tag():
    first, second = TagFactory(name="Python"), TagFactory()

    with refused("tagname_normalized_unique"), transaction.atomic():
        TagName.objects.create(tag=second, name="PYTHON", normalized="python", kind="alias")
    assert list(first.names.values_list("normalized", flat=True)) == ["python"]


def test_a_tag_has_one_primary_name():
    tag = TagFactory()

    with refused("tagname_one_primary"), transaction.atomic():
        TagName.objects.create(tag=tag, name="Other", normalized="other", kind="primary")


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"normalized": " "}, "tagname_not_blank"),
        ({"kind": "nickname"}, "tagname_kind_known"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused(columns, constraint):
    name = TagFactory().names.get()

    with refused(constraint):
        write(name, **columns)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"normalized_name": " "}, "tagsuggestion_name_not_blank"),
        ({"status": "rejected"}, "tagsuggestion_decided_when_reviewed"),
        ({"reviewed_at": timezone.now()}, "tagsuggestion_decided_when_reviewed"),
        (
            {"status": "approved", "reviewed_at": timezone.now()},
            "tagsuggestion_resolved_to_a_tag",
        ),
        ({"source": "rumour"}, "tagsuggestion_source_known"),
        ({"status": "maybe", "reviewed_at": timezone.now()}, "tagsuggestion_status_known"),
    ],
)
def test_a_suggestion_that_breaks_a_rule_is_refused(columns, constraint):
    suggestion = TagSuggestionFactory()

    with refused(constraint):
        write(suggestion, **columns)


def test_a_suggestion_that_waits_is_resolved_to_no_tag():
    suggestion, tag = TagSuggestionFactory(), TagFactory()

    with refused("tagsuggestion_resolved_to_a_tag"):
        write(suggestion, resolved_tag=tag)


def test_a_name_is_suggested_once():
    TagSuggestionFactory(name="Bun")

    with refused("tagsuggestion_name_unique"), transaction.atomic():
        TagSuggestionFactory(name="BUN")


def test_a_person_asks_for_a_name_once():
    suggestion, user = TagSuggestionFactory(), UserFactory()
    TagSuggestionRequest.objects.create(suggestion=suggestion, user=user)

    with refused("tagsuggestionrequest_once_a_person"), transaction.atomic():
        TagSuggestionRequest.objects.create(suggestion=suggestion, user=user)


def test_a_parent_with_children_stays():
    child = TagFactory(parent=TagFactory())

    child.parent.names.all().delete()

    models.QuerySet(Tag).filter(pk=child.parent_id)._raw_delete("default")

    with refused("parent_id"), transaction.atomic():
        connection.check_constraints()
    transaction.set_rollback(True)
