"""Filters of the kernel's own models."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from apps.core.models import Alert  # noqa: F401 -- named in the annotation below


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by state."""

    def open(self) -> Self:
        """Neither resolved by the machine nor by a person."""
        return self.filter(resolved_at__isnull=True)
