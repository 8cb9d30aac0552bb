"""Shapes of database constraints that several apps use."""

from django.db import models


def choices_check(model: str, field: str, enum: type[models.TextChoices]) -> models.CheckConstraint:
    """The database itself refuses a value outside the enum; named `<model>_<field>_known`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": enum.values}), name=f"{model}_{field}_known"
    )
