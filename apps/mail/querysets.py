"""Filters of outbox rows."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q


class OutgoingQuerySet(models.QuerySet[Any]):
    """Outbox rows by what can be done with them."""

    def planned(self) -> Self:
        """Waiting to be claimed, now or later."""
        return self.filter(status="planned")

    def claimable(self, now: datetime) -> Self:
        """Due, and not held back by an earlier temporary refusal."""
        return self.planned().filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now), due_at__lte=now
        )


class OutboundMailQuerySet(OutgoingQuerySet):
    """Account mails and notices."""
