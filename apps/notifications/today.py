"""What today holds for somebody, as one word and the delivery behind it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models

from apps.accounts.models import User
from apps.core.clock import utc_to_local_date
from apps.mail.models import HANDED_OVER, OutgoingStatus
from apps.notifications.models import Delivery, Subscription, SubscriptionStatus
from apps.notifications.querysets import OPEN_STATUSES

_SHOWN = (*HANDED_OVER, OutgoingStatus.SENDING, OutgoingStatus.UNCERTAIN, OutgoingStatus.FAILED)


class TodayState(models.TextChoices):
    """What happens today."""

    SENT = "sent"
    DUE = "due"
    NOT_TODAY = "not_today"
    PAUSED = "paused"
    NOT_SUBSCRIBED = "not_subscribed"
    NO_PROBLEM_LEFT = "no_problem_left"


@dataclass(frozen=True, slots=True)
class Today:
    """A subscriber's day. `delivery` is today's challenge once it is being or was sent."""

    local_date: date
    state: TodayState
    delivery: Delivery | None = None
    next_delivery_at: datetime | None = None


def today_of(user: User, *, now: datetime) -> Today:
    """The day in the subscriber's zone, two queries and those of the delivery."""
    subscription = Subscription.objects.filter(user=user).first()
    if subscription is None:
        zone = user.initial_timezone or "UTC"
        return Today(utc_to_local_date(now, zone), TodayState.NOT_SUBSCRIBED)
    local_date = utc_to_local_date(now, subscription.timezone)
    challenge = _challenge_on(subscription, local_date)
    return Today(
        local_date=local_date,
        state=_state(subscription, challenge, local_date),
        delivery=challenge if challenge and challenge.status in _SHOWN else None,
        next_delivery_at=subscription.next_delivery_at,
    )


def _challenge_on(subscription: Subscription, local_date: date) -> Delivery | None:
    challenge: Delivery | None = (
        Delivery.objects.challenges()
        .for_reading()
        .filter(subscription=subscription, local_date=local_date)
        .exclude(status=OutgoingStatus.CANCELLED)
        .order_by("-due_at", "-id")
        .first()
    )
    return challenge


def _state(subscription: Subscription, challenge: Delivery | None, local_date: date) -> TodayState:
    if challenge is not None and challenge.status in HANDED_OVER:
        return TodayState.SENT
    if subscription.status == SubscriptionStatus.UNSUBSCRIBED:
        return TodayState.NOT_SUBSCRIBED
    if subscription.status == SubscriptionStatus.PAUSED:
        return TodayState.PAUSED
    if challenge is not None and challenge.status in OPEN_STATUSES:
        return TodayState.DUE
    return _state_without_challenge(subscription, local_date)


def _state_without_challenge(subscription: Subscription, local_date: date) -> TodayState:
    if subscription.starved_at and local_date.isoweekday() in subscription.weekdays:
        return TodayState.NO_PROBLEM_LEFT
    next_at = subscription.next_delivery_at
    if next_at and utc_to_local_date(next_at, subscription.timezone) == local_date:
        return TodayState.DUE
    return TodayState.NOT_TODAY
