"""Filters of outbox rows."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class OutgoingQuerySet(models.QuerySet[Any]):
    """Outbox rows by what can be done with them."""

    def planned(self) -> Self:
        """Waiting to be claimed, now or later."""
        return self.filter(status="planned")

    def claimable(self, now: datetime) -> Self:
        """Due, and not held back by an earlier temporary refusal.

        One held back for longer than there is a reason for was so before the clock was set back.
        """
        longest = timedelta(seconds=2 * max(settings.MAIL_BACKOFF_S))
        return self.planned().filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now) | Q(not_before__gt=now + longest),
            due_at__lte=now,
        )


class OutboundMailQuerySet(OutgoingQuerySet):
    """Account mails and notices."""
