"""How tags are looked up."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from apps.core.errors import InvalidInputError, NotFoundError
from apps.core.filters import (
    AnyOfFilter,
    FlagFilter,
    SearchFilter,
    WholeNumberFilter,
    described,
)
from apps.core.text import normalize
from apps.tags.models import (
    SuggestionSource,
    SuggestionStatus,
    Tag,
    TagName,
    TagNameKind,
    TagSuggestion,
    TagType,
)
from apps.tags.selectors import tag_by_ref

NO_PARENT = "null"


class ParentFilter(django_filters.CharFilter):
    """An id or a slug, or `null` for the roots."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=100, **kwargs)
        examples = ["python", "12", NO_PARENT]
        described(self, {"type": "string", "maxLength": 100, "examples": examples})

    def filter(self, tags: QuerySet[Any], ref: str) -> QuerySet[Any]:
        if not ref:
            return tags
        if ref == NO_PARENT:
            return tags.filter(parent__isnull=True)
        return tags.filter(parent=known_tag(ref, parameter="parent"))


class TagFilter(django_filters.FilterSet):
    tag_type = AnyOfFilter(choices=TagType.choices)
    parent = ParentFilter(label="An id or a slug; `null` for the roots.")
    level = WholeNumberFilter(label="0 for the roots.")
    is_featured = FlagFilter(label="Whether it is among those offered first.")
    search = SearchFilter(method="named", label="Part of a name or an alias.")
    ordering = django_filters.OrderingFilter(
        label="Without it parents come before children, in the curators' order.",
        fields=(("name", "name"), ("problem_count", "problem_count"), ("created_at", "created_at")),
    )

    class Meta:
        model = Tag
        fields: tuple[str, ...] = ()

    def named(self, tags: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        names = TagName.objects.filter(tag=OuterRef("pk"), normalized__contains=normalize(text))
        return tags.filter(Exists(names.exclude(kind=TagNameKind.REDIRECT)))


class SuggestionFilter(django_filters.FilterSet):
    status = AnyOfFilter(choices=SuggestionStatus.choices)
    source = AnyOfFilter(choices=SuggestionSource.choices)
    search = SearchFilter(method="named", label="Part of a name.")
    ordering = django_filters.OrderingFilter(
        label="Without it the oldest come first.",
        fields=(("name", "name"), ("created_at", "created_at"), ("reviewed_at", "reviewed_at")),
    )

    class Meta:
        model = TagSuggestion
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return rows.filter(normalized_name__contains=normalize(text))


def known_tag(ref: str, *, parameter: str) -> Tag:
    """The tag that a parameter names; InvalidInputError naming the parameter when there is none."""
    try:
        return tag_by_ref(ref)
    except NotFoundError as error:
        raise InvalidInputError(error.detail, code="does_not_exist", field=parameter) from None
