"""Query filters that mean what they say: django-filter's own ignore what they cannot read, or take
it for true.
"""

from typing import Any

import django_filters
from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

LARGEST_ID = 2**63 - 1


class AnyOfFilter(django_filters.MultipleChoiceFilter):
    """An enum filter that may be repeated: any of the values."""

    is_repeatable = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # distinct() would forbid slicing by some indexes; values of one column never double a row.
        kwargs.setdefault("distinct", False)
        super().__init__(*args, **kwargs)


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            choices=(("true", "true"), ("false", "false")),
            coerce=lambda text: text == "true",
            empty_value=None,
            **kwargs,
        )


@extend_schema_field({"type": "integer", "minimum": 0})
class WholeNumberFilter(django_filters.Filter):
    """A whole number from 0."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=LARGEST_ID, **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Words to look for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=200, **kwargs)
