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

    def waiting(self) -> Self:
        """To leave sooner or later: also the claimed, which nobody has begun, and the uncertain,
        which are tried once more.
        """
        # Named one by one, so that each status is looked up in the partial index that holds it.
        return self.filter(Q(status="planned") | Q(status="claimed") | Q(status="uncertain"))

    def claimable(self, now: datetime) -> Self:
        """Due, and not held back by an earlier temporary refusal."""
        return self.planned().filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now), due_at__lte=now
        )


class OutboundMailQuerySet(OutgoingQuerySet):
    """Account mails and notices."""
