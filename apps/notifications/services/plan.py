"""One batch of the planner: who is due, what was decided, and the statements that write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.db import connection

from apps.notifications.choosing import Pick
from apps.notifications.clock import Timetable
from apps.notifications.selectors import reason_paths


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
    """Fewer rows were written than chosen: somebody else plans without the lock.

    The batch is rolled back.
    """


def redate_challenges(plan: Plan, rows: Sequence[Due]) -> None:
    """Give open challenges that were held up the instant of their successors."""
    _run(
        "redate_challenges.sql",
        {
            "subscription_ids": [row.id for row in rows],
            "due_ats": [row.due_at for row in rows],
            "local_dates": [plan.local_dates[row.id] for row in rows],
        },
    )


def insert_challenges(plan: Plan, rows: Sequence[Due]) -> int:
    """Write the picks; returns how many. PlanMismatchError if some got lost."""
    if not rows:
        return 0
    picks = [plan.picks[row.id] for row in rows]
    paths = reason_paths((pick.interest_id, pick.problem_id) for pick in picks)
    written = _run(
        "insert_challenges.sql",
        {
            "subscription_ids": [row.id for row in rows],
            "problem_ids": [pick.problem_id for pick in picks],
            "slots": [row.slot_count + 1 for row in rows],
            "local_dates": [plan.local_dates[row.id] for row in rows],
            "due_ats": [row.due_at for row in rows],
            "codes": [pick.code.value for pick in picks],
            "interest_ids": [pick.interest_id for pick in picks],
            "paths": [paths[(pick.interest_id, pick.problem_id)] for pick in picks],
        },
    )
    if written != len(rows):
        raise PlanMismatchError(f"chose {len(rows)}, wrote {written}")
    return written


def advance_subscriptions(plan: Plan, rows: Sequence[Due]) -> None:
    """Write back the next instants, and what else the batch decided."""
    _run(
        "advance_subscriptions.sql",
        {
            "ids": [row.id for row in rows],
            "next_ats": [plan.next_at[row.id] for row in rows],
            "last_due_ats": [plan.last_due_at[row.id] for row in rows],
            "starved_ats": [plan.starved_at[row.id] for row in rows],
            "slot_counts": [row.slot_count + (row.id in plan.picks) for row in rows],
        },
    )


_STATEMENTS = {path.name: path.read_text() for path in Path(__file__).parent.glob("*.sql")}


def _run(name: str, parameters: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[name], parameters)
        return int(cursor.rowcount)
