"""The planner: everyone whose instant has come gets one challenge planned. Knows nothing of mail.

Each batch is one transaction of a constant number of statements; whatever dies, the next tick
repeats it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.core.queue import enqueue
from apps.core.services import record_heartbeat
from apps.notifications import events
from apps.notifications.choosing import Pick
from apps.notifications.clock import SPACING, first_slot, is_stale, next_slot
from apps.notifications.figures import count_planned
from apps.notifications.models import Delivery, ReasonCode, Subscription, SubscriptionStatus
from apps.notifications.services.capacity import warn_of_full_hour
from apps.notifications.services.deliveries import timetable_of
from apps.notifications.services.plan import (
    Due,
    Plan,
    advance_subscriptions,
    insert_challenges,
    redate_challenges,
)
from apps.notifications.services.stale_solutions import redate_stale_solutions
from apps.problems.models import BankState

log = structlog.get_logger(__name__)

BATCH_SIZE = 5000
_CHOOSING_SQL = (Path(__file__).parent.parent / "choosing.sql").read_text()


def plan_due(*, batch_size: int = BATCH_SIZE) -> dict[str, int]:
    """Plan challenges for all who are due, batch by batch. Any number of planners may run at once.

    Returns counts: `due` subscriptions handled, `planned` challenges written, `starved` ones that
    the bank holds nothing more for.
    """
    totals = {"due": 0, "planned": 0, "starved": 0}
    record_heartbeat("planner")
    resume_paused()
    while redate_stale_solutions():
        pass
    while (counts := plan_batch(batch_size=batch_size))["due"]:
        for name, count in counts.items():
            totals[name] += count
    warn_of_full_hour(timezone.now())
    if totals["due"]:
        log.info("planned", **totals)
        count_planned(totals["planned"], totals["starved"])
    return totals


@transaction.atomic
def resume_paused() -> int:
    """Make those whose pause has ended active again; their slots count from the day they named."""
    now = timezone.now()
    ended = Subscription.objects.filter(
        status=SubscriptionStatus.PAUSED, paused_until__isnull=False, activated_at__lte=now
    )
    rows = list(ended.select_for_update(skip_locked=True)[:BATCH_SIZE])
    for row in rows:
        slot = next_slot(
            timetable_of(row), now=now, activated_at=row.activated_at, last_due_at=row.last_due_at
        )
        row.status, row.paused_until = SubscriptionStatus.ACTIVE, None
        row.next_delivery_at = slot.due_at
    Subscription.objects.bulk_update(rows, ["status", "paused_until", "next_delivery_at"])
    return len(rows)


@transaction.atomic
def plan_batch(*, batch_size: int = BATCH_SIZE) -> dict[str, int]:
    """Plan one batch in one transaction; see plan_due."""
    now = timezone.now()
    due = _lock_due(now, batch_size)
    if not due:
        return {"due": 0, "planned": 0, "starved": 0}
    plan = Plan(now)
    for row in due:
        _advance(plan, row)
    fresh = [row for row in due if not is_stale(row.due_at, now)]
    hungry = _without_open_challenge(plan, fresh)
    _choose_all(plan, hungry)
    served = [row for row in hungry if row.id in plan.picks]
    planned = insert_challenges(plan, served)
    for row in served:
        plan.last_due_at[row.id] = row.due_at
    advance_subscriptions(plan, due)
    _report_starved([row.id for row in hungry if row.id not in plan.picks])
    _wake_senders(planned)
    return {"due": len(due), "planned": planned, "starved": len(hungry) - planned}


def _lock_due(now: datetime, limit: int) -> list[Due]:
    rows = (
        Subscription.objects.due(now)
        .order_by("next_delivery_at", "id")
        .select_for_update(skip_locked=True)
        .values_list(
            "id",
            "timezone",
            "delivery_time",
            "weekdays",
            "next_delivery_at",
            "activated_at",
            "last_due_at",
            "starved_at",
            "slot_count",
        )[:limit]
    )
    return [Due(*row) for row in rows]  # type: ignore[arg-type]  # -- the active have a next instant


def _advance(plan: Plan, row: Due) -> None:
    """Note the instant after this one; a stale one is stepped over to the latest still fresh."""
    if is_stale(row.due_at, plan.now):
        slot = next_slot(
            row.timetable, now=plan.now, activated_at=row.activated_at, last_due_at=row.last_due_at
        )
    else:
        slot = first_slot(row.timetable, row.due_at + SPACING)
    plan.next_at[row.id] = slot.due_at
    plan.last_due_at[row.id] = row.last_due_at
    plan.starved_at[row.id] = row.starved_at
    plan.local_dates[row.id] = first_slot(row.timetable, row.due_at).local_date


def _without_open_challenge(plan: Plan, fresh: Sequence[Due]) -> list[Due]:
    """Those to choose for; a challenge held up until its successor is due takes its place."""
    open_rows = Delivery.objects.challenges().open()
    ids = set(
        open_rows.filter(subscription_id__in=[row.id for row in fresh]).values_list(
            "subscription_id", flat=True
        )
    )
    held_up = [row for row in fresh if row.id in ids]
    if held_up:
        redate_challenges(plan, held_up)
        for row in held_up:
            plan.last_due_at[row.id] = row.due_at
    return [row for row in fresh if row.id not in ids]


def _choose_all(plan: Plan, hungry: Iterable[Due]) -> None:
    """Choose for all but those who starved on the bank as it still is."""
    widened_at = BankState.objects.values_list("widened_at", flat=True).get(pk=1)
    ids = []
    for row in hungry:
        if row.starved_at is None or row.starved_at < widened_at:
            ids.append(row.id)
            plan.starved_at[row.id] = plan.now
    for subscription_id, pick in choose_for(ids).items():
        plan.picks[subscription_id] = pick
        plan.starved_at[subscription_id] = None


def choose_for(subscription_ids: Sequence[int]) -> dict[int, Pick]:
    """What each of these subscriptions gets next, by choosing.sql; the starved are left out."""
    if not subscription_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSING_SQL, {"ids": list(subscription_ids)})
        return {
            row[0]: Pick(problem_id=row[1], code=ReasonCode(row[2]), interest_id=row[3])
            for row in cursor.fetchall()
        }


def _report_starved(ids: Sequence[int]) -> None:
    if ids:
        events.supply_low.send(sender=Subscription, subscription_ids=list(ids))


def _wake_senders(planned: int) -> None:
    batches = -(-planned // settings.MAIL_BATCH_SIZE)
    for _ in range(min(batches, settings.EMAIL_CONCURRENCY)):
        enqueue("emails.send_batch")
