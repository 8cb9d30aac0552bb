"""Filters of subscriptions and deliveries."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from apps.mail.querysets import OutgoingQuerySet
from apps.tags.models import Tag

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.notifications.models import Subscription  # noqa: F401 -- named in the annotation below

# Not yet final: the slot is taken, but its challenge has not surely gone out.
OPEN_STATUSES = ("planned", "claimed", "sending", "uncertain")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions by state."""

    def active(self) -> Self:
        """Those for whom challenges are planned."""
        return self.filter(status="active")

    def due(self, now: datetime) -> Self:
        """Those whose next instant has come."""
        return self.active().filter(next_delivery_at__lte=now)


class DeliveryQuerySet(OutgoingQuerySet):
    """Deliveries by kind, state and reader."""

    def challenges(self) -> Self:
        return self.filter(kind="challenge")

    def of_user(self, user: "User") -> Self:
        """One person's own."""
        return self.filter(subscription__user=user)

    def open(self) -> Self:
        """Planned or under way, not surely gone out."""
        return self.filter(status__in=OPEN_STATUSES)

    def without_challenge(self) -> Self:
        """Solutions whose challenge failed or was called off."""
        challenge = self.model.objects.filter(
            subscription=models.OuterRef("subscription"),
            slot=models.OuterRef("slot"),
            kind="challenge",
        )
        return self.filter(~models.Exists(challenge.exclude(status__in=("failed", "cancelled"))))

    def for_reading(self) -> Self:
        """With all that is shown of a delivery; two queries."""
        tags = models.Prefetch("problem__tags", Tag.objects.in_tree_order())
        return self.select_related("problem", "reason_interest", "reading").prefetch_related(tags)

    def visible(self) -> Self:
        """What was or is being sent, not what is merely planned, nor what was called off."""
        return self.exclude(status__in=("planned", "claimed", "cancelled"))
