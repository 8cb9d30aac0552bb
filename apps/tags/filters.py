"""How tags are looked up."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field

from apps.core.errors import InvalidInputError, NotFoundError
from apps.core.filters import AnyOfFilter, FlagFilter, SearchFilter, WholeNumberFilter
from apps.core.text import normalize
from apps.tags.models import Tag, TagName, TagNameKind, TagType
from apps.tags.selectors import tag_by_ref

NO_PARENT = "null"


@extend_schema_field({"type": "string", "examples": ["python", "12", NO_PARENT]})
class ParentFilter(django_filters.CharFilter):
    """An id or a slug, or `null` for the roots."""

    def filter(self, tags: QuerySet[Any], ref: str) -> QuerySet[Any]:
        if not ref:
            return tags
        if ref == NO_PARENT:
            return tags.filter(parent__isnull=True)
        return tags.filter(parent=known_tag(ref, parameter="parent"))


class TagFilter(django_filters.FilterSet):
    tag_type = AnyOfFilter(choices=TagType.choices)
    parent = ParentFilter(max_length=100)
    level = WholeNumberFilter()
    is_featured = FlagFilter()
    search = SearchFilter(method="named", label="Part of a name or an alias.")
    ordering = django_filters.OrderingFilter(
        fields=(("name", "name"), ("problem_count", "problem_count"), ("created_at", "created_at"))
    )

    class Meta:
        model = Tag
        fields: tuple[str, ...] = ()

    def named(self, tags: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        names = TagName.objects.filter(tag=OuterRef("pk"), normalized__contains=normalize(text))
        return tags.filter(Exists(names.exclude(kind=TagNameKind.REDIRECT)))


def known_tag(ref: str, *, parameter: str) -> Tag:
    """The tag that a parameter names; InvalidInputError naming the parameter when there is none."""
    try:
        return tag_by_ref(ref)
    except NotFoundError as error:
        raise InvalidInputError(error.detail, code="does_not_exist", field=parameter) from None
