"""The one a delivery goes to."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.notifications.models import Subscription


@dataclass(frozen=True, slots=True)
class Reader:
    """What a mail must know of the one it goes to."""

    subscription_id: int
    email: str
    timezone: str
    delivery_time: time
    weekdays: list[int]
    subscribed_at: datetime

    @classmethod
    def of(cls, subscription: "Subscription") -> "Reader":
        """A subscriber, whose user is read as well."""
        return cls(
            subscription.pk,
            subscription.user.email,
            subscription.timezone,
            subscription.delivery_time,
            subscription.weekdays,
            subscription.subscribed_at,
        )
