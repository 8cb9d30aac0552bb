"""Query filters that mean what they say: django-filter's own ignore what they cannot read, or take
it for true.
"""

from typing import Any

import django_filters
from django import forms
from drf_spectacular.drainage import set_override

LARGEST_NUMBER = 2**63 - 1
LONGEST_SEARCH = 200


def described(each: django_filters.Filter, schema: dict[str, Any]) -> None:
    """Tell OpenAPI what this filter takes; its label is the description."""
    label = each._label
    set_override(each, "field", schema | ({"description": label} if label else {}))


class AnyOfFilter(django_filters.MultipleChoiceFilter):
    """An enum filter that may be repeated: any of the values."""

    is_repeatable = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # distinct() would forbid slicing by some indexes; values of one column never double a row.
        kwargs.setdefault("distinct", False)
        super().__init__(*args, **kwargs)


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
        described(self, {"type": "boolean"})


class WholeNumberFilter(django_filters.Filter):
    """A whole number from 0."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=LARGEST_NUMBER, **kwargs)
        described(self, {"type": "integer", "minimum": 0})


class SearchFilter(django_filters.CharFilter):
    """Words to look for; none finds everything, as in a search field that was emptied."""

    may_be_empty = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=LONGEST_SEARCH, **kwargs)
        described(self, {"type": "string", "maxLength": LONGEST_SEARCH})
