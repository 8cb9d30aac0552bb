"""The planner: everyone whose instant has come gets one challenge planned. Knows nothing of mail.

Each batch is one transaction of a constant number of statements; whatever dies, the next tick repeats it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone as dj_timezone

from apps.core.queue import enqueue
from apps.core.services import record_heartbeat
from apps.notifications import events
from apps.notifications.choosing import Pick
from apps.notifications.clock import SPACING, Timetable, first_slot, is_stale, next_slot
from apps.notifications.models import (
    Delivery,
    DeliveryKind,
    ReasonCode,
    Subscription,
    SubscriptionStatus,
)
from apps.notifications.selectors import reason_paths
from apps.problems.models import BankState

log = structlog.get_logger(__name__)

BATCH_SIZE = 5000
_CHOOSING_SQL = (Path(__file__).parent.parent / "choosing.sql").read_text()


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose instant has come, as read under its lock."""

    id: int
    timezone: str
    delivery_time: time
    weekdays: Sequence[int]
    due_at: datetime
    activated_at: datetime
    last_due_at: datetime | None
    starved_at: datetime | None
    slot_count: int

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.timezone, self.delivery_time, tuple(self.weekdays))


@dataclass(slots=True)
class Plan:
    """What becomes of the subscriptions of a batch: columns to write, by subscription."""

    now: datetime
    picks: dict[int, Pick] = field(default_factory=dict)
    next_at: dict[int, datetime] = field(default_factory=dict)
    last_due_at: dict[int, datetime | None] = field(default_factory=dict)
    starved_at: dict[int, datetime | None] = field(default_factory=dict)
    local_dates: dict[int, date] = field(default_factory=dict)


class PlanMismatchError(Exception):
    """Fewer rows were written than chosen: somebody else plans without the lock. The batch is rolled back."""


def plan_due(*, batch_size: int = BATCH_SIZE) -> dict[str, int]:
    """Plan challenges for all who are due, batch by batch. Any number of planners may run at once.

    Returns counts: `due` subscriptions handled, `planned` challenges written, `starved` without a problem.
    """
    totals = {"due": 0, "planned": 0, "starved": 0}
    record_heartbeat("planner")
    resume_paused()
    while (counts := plan_batch(batch_size=batch_size))["due"]:
        for name, count in counts.items():
            totals[name] += count
    if totals["due"]:
        log.info("planned", **totals)
    return totals


@transaction.atomic
def resume_paused() -> int:
    """Make those whose pause has ended active again; their next slot counts from the day they named."""
    now = dj_timezone.now()
    ended = Subscription.objects.filter(
        status=SubscriptionStatus.PAUSED, paused_until__isnull=False, activated_at__lte=now
    )
    rows = list(ended.select_for_update(skip_locked=True)[:BATCH_SIZE])
    for row in rows:
        timetable = Timetable(row.timezone, row.delivery_time, tuple(row.weekdays))
        row.next_delivery_at = next_slot(
            timetable, now=now, activated_at=row.activated_at, last_due_at=row.last_due_at
        ).due_at
        row.status, row.paused_until = SubscriptionStatus.ACTIVE, None
    Subscription.objects.bulk_update(rows, ["status", "paused_until", "next_delivery_at"])
    return len(rows)


@transaction.atomic
def plan_batch(*, batch_size: int = BATCH_SIZE) -> dict[str, int]:
    """Plan one batch in one transaction; see plan_due."""
    now = dj_timezone.now()
    due = _lock_due(now, batch_size)
    if not due:
        return {"due": 0, "planned": 0, "starved": 0}
    plan = Plan(now)
    fresh = [row for row in due if not is_stale(row.due_at, now)]
    for row in due:
        _advance(plan, row)
    open_ids = _redate_open(plan, fresh)
    hungry = [row for row in fresh if row.id not in open_ids]
    _choose_all(plan, hungry)
    planned = _insert_challenges(plan, hungry)
    _write_subscriptions(plan, due)
    starved = [row.id for row in hungry if row.id not in plan.picks]
    if starved:
        events.supply_low.send(sender=Subscription, subscription_ids=starved)
    _wake_senders(planned)
    return {"due": len(due), "planned": planned, "starved": len(starved)}


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
    return [Due(*row) for row in rows]


def _advance(plan: Plan, row: Due) -> None:
    """The next instant if this one is not served; a stale one is stepped over to the latest still fresh."""
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


def _redate_open(plan: Plan, fresh: Sequence[Due]) -> set[int]:
    """A challenge that was held up until its successor is due takes the successor's place."""
    open_rows = (
        Delivery.objects.challenges().open().filter(subscription_id__in=[r.id for r in fresh])
    )
    ids = set(open_rows.values_list("subscription_id", flat=True))
    held_up = [row for row in fresh if row.id in ids]
    if held_up:
        _redate(plan, held_up)
        for row in held_up:
            plan.last_due_at[row.id] = row.due_at
    return ids


def _redate(plan: Plan, rows: Sequence[Due]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_delivery AS d SET due_at = new.due_at, local_date = new.local_date
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::date[]) AS new (id, due_at, local_date)
            WHERE d.subscription_id = new.id AND d.kind = 'challenge'
              AND d.status IN ('planned', 'claimed', 'uncertain')
            """,
            [
                [row.id for row in rows],
                [row.due_at for row in rows],
                [plan.local_dates[row.id] for row in rows],
            ],
        )


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


def _insert_challenges(plan: Plan, hungry: Sequence[Due]) -> int:
    """Write the picks; no ON CONFLICT: fewer rows than chosen is an error, not a race to hide."""
    chosen = [row for row in hungry if row.id in plan.picks]
    if not chosen:
        return 0
    picks = [plan.picks[row.id] for row in chosen]
    paths = reason_paths({(pick.interest_id, pick.problem_id) for pick in picks})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO notifications_delivery (
                subscription_id, problem_id, problem_version, kind, slot, local_date, due_at, reason_code,
                reason_interest_id, reason_path, status, attempts, uncertain_count, solo_claims, message_id,
                provider_message_id, last_code)
            SELECT new.subscription_id, new.problem_id, problem.version, %s, new.slot, new.local_date,
                   new.due_at, new.code, new.interest_id, new.path, 'planned', 0, 0, 0, '', '', ''
            FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::date[], %s::timestamptz[], %s::text[],
                        %s::bigint[], %s::text[])
                 AS new (subscription_id, problem_id, slot, local_date, due_at, code, interest_id, path)
            JOIN problems_problem AS problem ON problem.id = new.problem_id
            ORDER BY new.subscription_id
            """,
            [
                DeliveryKind.CHALLENGE.value,
                [row.id for row in chosen],
                [pick.problem_id for pick in picks],
                [row.slot_count + 1 for row in chosen],
                [plan.local_dates[row.id] for row in chosen],
                [row.due_at for row in chosen],
                [pick.code.value for pick in picks],
                [pick.interest_id for pick in picks],
                [paths[pick.interest_id, pick.problem_id] for pick in picks],
            ],
        )
        written = cursor.rowcount
    if written != len(chosen):
        raise PlanMismatchError(f"chose {len(chosen)}, wrote {written}")
    for row in chosen:
        plan.last_due_at[row.id] = row.due_at
    return int(written)


def _write_subscriptions(plan: Plan, due: Sequence[Due]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_subscription AS s
            SET next_delivery_at = new.next_at, last_due_at = new.last_due_at,
                starved_at = new.starved_at, slot_count = new.slot_count
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[])
                 AS new (id, next_at, last_due_at, starved_at, slot_count)
            WHERE s.id = new.id
            """,
            [
                [row.id for row in due],
                [plan.next_at[row.id] for row in due],
                [plan.last_due_at[row.id] for row in due],
                [plan.starved_at[row.id] for row in due],
                [row.slot_count + (row.id in plan.picks) for row in due],
            ],
        )


def _wake_senders(planned: int) -> None:
    batches = -(-planned // 50)
    for _ in range(min(batches, settings.EMAIL_CONCURRENCY)):
        enqueue("emails.send_batch")
