"""Subscribe, change, pause, resume, unsubscribe.

Each commits first and then lets a row under way settle.
"""

import hashlib
import time as monotonic_time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone as dj_timezone

from apps.core.clock import is_zone, local_to_utc
from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.mail.models import OutgoingStatus
from apps.notifications.clock import next_slot
from apps.notifications.models import (
    BUCKETS,
    MAX_INTERESTS,
    ConsentAction,
    ConsentEvent,
    Delivery,
    Subscription,
    SubscriptionStatus,
    SubscriptionTag,
)
from apps.notifications.services.deliveries import call_off, timetable_of
from apps.notifications.welcome import queue_welcome
from apps.problems.models import Difficulty
from apps.tags.models import Tag

# How long the caller waits for the one row that may be under way.
SETTLE_WAIT_S = 2.0
_SCHEDULE = frozenset({"delivery_time", "timezone", "weekdays"})
_TASTE = frozenset({"tag_ids", "difficulties"})
_CHANGEABLE = _SCHEDULE | _TASTE | {"send_solutions"}


def subscribe(
    *,
    user: Any,
    door: str,
    tag_ids: Iterable[int] = (),
    words: str = "",
    now: datetime | None = None,
    **wishes: Any,
) -> tuple[Subscription, bool]:
    """Start or restart a subscription; returns it and whether it is new.

    `wishes`: difficulties, delivery_time, timezone, weekdays, send_solutions; None or absent means
    the default. Raises ConflictError `already_subscribed`, `not_verified`; InvalidInputError for a
    wish out of range.
    """
    if not user.is_email_verified:
        raise ConflictError("Verify your e-mail address first.", code="not_verified")
    now = now or dj_timezone.now()
    given = {name: value for name, value in wishes.items() if value is not None and value != ""}
    with transaction.atomic():
        subscription = Subscription.objects.select_for_update().filter(user=user).first()
        if subscription and subscription.status != SubscriptionStatus.UNSUBSCRIBED:
            raise ConflictError("You are subscribed already.", code="already_subscribed")
        is_new = subscription is None
        subscription = subscription or _new_subscription(user, now)
        subscription.subscribed_at = now
        _apply(subscription, given)
        _activate(subscription, now)
        _save_new_or_conflict(subscription)
        _set_interests(subscription, tag_ids)
        _record_consent(user, ConsentAction.SUBSCRIBED, words=words, door=door)
        if is_new:
            queue_welcome(subscription, now)
    return subscription, is_new


@transaction.atomic
def change_subscription(*, user: Any, now: datetime | None = None, **changes: Any) -> Subscription:
    """Change only the wishes named: those of subscribe, and `tag_ids`.

    A change of hour, zone or weekdays moves what is not claimed yet; see the slot rule in
    notifications.clock.
    """
    unknown = changes.keys() - _CHANGEABLE
    if unknown:
        raise InvalidInputError("This cannot be changed.", field=min(unknown))
    now = now or dj_timezone.now()
    subscription = _locked(user)
    tag_ids = changes.pop("tag_ids", None)
    before = timetable_of(subscription)
    _apply(subscription, changes)
    if tag_ids is not None:
        _set_interests(subscription, tag_ids)
    if tag_ids is not None or "difficulties" in changes:
        subscription.starved_at = None
    if timetable_of(subscription) != before:
        _reschedule(subscription, now)
    subscription.save()
    return subscription


def pause_subscription(
    *, user: Any, until: date | None = None, now: datetime | None = None
) -> Subscription:
    """Plan nothing more, until the given local day or until resumed. Idempotent.

    After it returns nothing is armed any more. ConflictError `not_subscribed` once unsubscribed.
    """
    now = now or dj_timezone.now()
    with transaction.atomic():
        subscription = _locked(user)
        _refuse_unsubscribed(subscription)
        if until is not None and local_to_utc(until, time(0), subscription.timezone) <= now:
            raise InvalidInputError("The first day with mail again must lie ahead.", field="until")
        _stop(subscription, "paused")
        subscription.status = SubscriptionStatus.PAUSED
        subscription.paused_until = until
        if until is not None:
            # The tick resumes it from this instant on; see resume_paused.
            subscription.activated_at = local_to_utc(until, time(0), subscription.timezone)
        subscription.save()
    wait_for_settling(subscription)
    return subscription


@transaction.atomic
def resume_subscription(*, user: Any, now: datetime | None = None) -> Subscription:
    """Plan again from now on. Idempotent; ConflictError `not_subscribed` once unsubscribed."""
    subscription = _locked(user)
    _refuse_unsubscribed(subscription)
    if subscription.status == SubscriptionStatus.PAUSED:
        _activate(subscription, now or dj_timezone.now())
        subscription.save()
    return subscription


def unsubscribe(*, user: Any, door: str) -> Subscription:
    """End the subscription, keeping its history.

    Idempotent. After it returns nothing is armed any more.
    """
    with transaction.atomic():
        subscription = _locked(user)
        if subscription.status != SubscriptionStatus.UNSUBSCRIBED:
            _stop(subscription, "unsubscribed")
            subscription.status = SubscriptionStatus.UNSUBSCRIBED
            subscription.paused_until = None
            subscription.save()
            _record_consent(user, ConsentAction.UNSUBSCRIBED, door=door)
    wait_for_settling(subscription)
    return subscription


def wait_for_settling(subscription: Subscription, wait_s: float = SETTLE_WAIT_S) -> bool:
    """Wait for a row that was armed before we committed; True when none is under way any more."""
    deadline = monotonic_time.monotonic() + wait_s
    under_way = Delivery.objects.filter(subscription=subscription, status=OutgoingStatus.SENDING)
    while under_way.exists():
        if monotonic_time.monotonic() >= deadline:
            return False
        monotonic_time.sleep(0.05)
    return True


def _locked(user: Any) -> Subscription:
    subscription = Subscription.objects.select_for_update().filter(user=user).first()
    if subscription is None:
        raise NotFoundError("You have no subscription yet.", code="not_subscribed")
    return subscription


def _refuse_unsubscribed(subscription: Subscription) -> None:
    if subscription.status == SubscriptionStatus.UNSUBSCRIBED:
        raise ConflictError("You have unsubscribed; subscribe again first.", code="not_subscribed")


def _new_subscription(user: Any, now: datetime) -> Subscription:
    digest = hashlib.sha256(f"bucket:{user.pk}".encode()).digest()
    zone = user.initial_timezone or "UTC"
    return Subscription(
        user=user, timezone=zone, subscribed_at=now, activated_at=now, bucket=digest[0] % BUCKETS
    )


def _save_new_or_conflict(subscription: Subscription) -> None:
    try:
        with transaction.atomic():
            subscription.save()
    except IntegrityError as error:
        if "user_id" not in str(error):
            raise
        raise ConflictError("You are subscribed already.", code="already_subscribed") from error


def _apply(subscription: Subscription, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(subscription, name, _checked(name, value))


def _checked(name: str, value: Any) -> Any:
    """The wish in its stored form; InvalidInputError in a subscriber's words when it is out of
    range.
    """
    if name == "timezone" and not is_zone(value):
        raise InvalidInputError("This is not an IANA time zone name.", field=name)
    if name == "weekdays":
        return _subset(name, value, range(1, 8))
    if name == "difficulties":
        return _subset(name, value, Difficulty.values)
    if name == "delivery_time" and (value.second or value.microsecond):
        raise InvalidInputError("Give the hour and minute only.", field=name)
    return value


def _subset(name: str, value: Sequence[Any], allowed: Iterable[Any]) -> list[Any]:
    kept = [item for item in allowed if item in value]
    if not kept or len(kept) != len(set(value)):
        raise InvalidInputError("Choose at least one of the offered values.", field=name)
    return kept


def _set_interests(subscription: Subscription, tag_ids: Iterable[int]) -> None:
    wanted = set(tag_ids)
    if len(wanted) > MAX_INTERESTS:
        raise InvalidInputError(f"Choose at most {MAX_INTERESTS} tags.", field="tags")
    if Tag.objects.filter(id__in=wanted).count() != len(wanted):
        raise InvalidInputError("One of these tags does not exist.", field="tags")
    subscription.interests.exclude(tag_id__in=wanted).delete()
    present = set(subscription.interests.values_list("tag_id", flat=True))
    SubscriptionTag.objects.bulk_create(
        SubscriptionTag(subscription=subscription, tag_id=tag_id) for tag_id in wanted - present
    )


def _activate(subscription: Subscription, now: datetime) -> None:
    """Plan from the present minute on, so that somebody who chooses the present minute is served at
    once.
    """
    subscription.status = SubscriptionStatus.ACTIVE
    subscription.paused_until = None
    subscription.starved_at = None
    subscription.activated_at = now.replace(second=0, microsecond=0)
    _plan_next(subscription, now)


def _plan_next(subscription: Subscription, now: datetime) -> None:
    slot = next_slot(
        timetable_of(subscription),
        now=now,
        activated_at=subscription.activated_at,
        last_due_at=subscription.last_due_at,
    )
    subscription.next_delivery_at = slot.due_at


def _reschedule(subscription: Subscription, now: datetime) -> None:
    """Move what is not claimed yet: call the planned challenge off, so that it is chosen anew."""
    if subscription.status == SubscriptionStatus.PAUSED and subscription.paused_until:
        midnight = local_to_utc(subscription.paused_until, time(0), subscription.timezone)
        subscription.activated_at = midnight
    if subscription.status != SubscriptionStatus.ACTIVE:
        return
    call_off(
        Delivery.objects.challenges()
        .planned()
        .filter(subscription=subscription, uncertain_count=0),
        code="rescheduled",
    )
    subscription.refresh_from_db(fields=["slot_count", "last_due_at"])
    _plan_next(subscription, now)


def _stop(subscription: Subscription, code: str) -> None:
    call_off(Delivery.objects.filter(subscription=subscription), code=code)
    subscription.refresh_from_db(fields=["slot_count", "last_due_at"])
    subscription.next_delivery_at = None


def _record_consent(user: Any, action: ConsentAction, *, door: str, words: str = "") -> None:
    ConsentEvent.objects.create(user=user, action=action, words=words, door=door)
