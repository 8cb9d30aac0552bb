"""When a subscriber's challenges are due: the slot rules of the delivery engine, pure and table-
tested.

A slot instant is the delivery time of one local day; the calendar arithmetic itself is core.clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from apps.core.clock import date_exists, local_to_utc, utc_to_local_date

# No two challenges of one subscriber are closer than this, whatever they change.
SPACING = timedelta(hours=18)
# An instant this old when the planner sees it is stepped over.
LATENESS = timedelta(hours=12)
# The solution leaves just before its slot's challenge, so that the two arrive in order.
SOLUTION_LEAD = timedelta(minutes=1)
_EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
# A weekday recurs within a week; one more for days that a zone skipped, and one for each edge.
_HORIZON_DAYS = 16


@dataclass(frozen=True, slots=True)
class Timetable:
    """The wishes that fix a subscriber's slots: IANA zone, local time and ISO weekdays."""

    timezone: str
    delivery_time: time
    weekdays: tuple[int, ...] = _EVERY_DAY


@dataclass(frozen=True, slots=True)
class Slot:
    """One due instant (UTC) and the local date it stands for."""

    due_at: datetime
    local_date: date


def slots_from(timetable: Timetable, instant: datetime) -> Iterator[Slot]:
    """The slots at or after an instant, in order."""
    # A gap can push a late slot onto the next date, so the walk starts a day early.
    day = utc_to_local_date(instant, timetable.timezone) - timedelta(days=1)
    for _ in range(_HORIZON_DAYS):
        slot = _slot_on(timetable, day)
        if slot is not None and slot.due_at >= instant:
            yield slot
        day += timedelta(days=1)


@lru_cache(maxsize=65536)
def first_slot(timetable: Timetable, not_before: datetime) -> Slot:
    """The first slot at or after an instant. LookupError when the timetable has no weekday."""
    for slot in slots_from(timetable, not_before):
        return slot
    raise LookupError(f"no slot within {_HORIZON_DAYS} days for {timetable}")


def next_slot(
    timetable: Timetable, *, now: datetime, activated_at: datetime, last_due_at: datetime | None
) -> Slot:
    """The slot to be served next: the latest in (now − 12 h, now] that keeps the spacing, else the
    first after now.
    """
    anchor = spacing_anchor(activated_at=activated_at, last_due_at=last_due_at)
    latest = None
    for slot in slots_from(timetable, now - LATENESS):
        if slot.due_at > now:
            break
        if slot.due_at >= anchor and slot.due_at > now - LATENESS:
            latest = slot
    return latest or first_slot(timetable, max(anchor, now + timedelta(microseconds=1)))


def spacing_anchor(*, activated_at: datetime, last_due_at: datetime | None) -> datetime:
    """The earliest instant at which another challenge may be due."""
    return max(activated_at, last_due_at + SPACING) if last_due_at else activated_at


def is_stale(due_at: datetime, now: datetime) -> bool:
    """Whether an instant is too old to be served any more."""
    return due_at <= now - LATENESS


@lru_cache(maxsize=65536)
def solution_slot(timetable: Timetable, challenge_due_at: datetime) -> Slot:
    """When the solution of a challenge is due: the first daily slot 18 h on, less a minute,
    whatever the weekdays.
    """
    daily = Timetable(timetable.timezone, timetable.delivery_time)
    slot = first_slot(daily, challenge_due_at + SPACING)
    return Slot(slot.due_at - SOLUTION_LEAD, slot.local_date)


@lru_cache(maxsize=65536)
def redated_solution_slot(timetable: Timetable, now: datetime) -> Slot:
    """When a solution that was held up too long is due instead: before the challenge that is served
    now or next, whatever the weekdays.
    """
    daily = Timetable(timetable.timezone, timetable.delivery_time)
    slot = next_slot(daily, now=now, activated_at=now - LATENESS, last_due_at=None)
    return Slot(slot.due_at - SOLUTION_LEAD, slot.local_date)


def _slot_on(timetable: Timetable, day: date) -> Slot | None:
    if day.isoweekday() not in timetable.weekdays or not date_exists(day, timetable.timezone):
        return None
    return Slot(local_to_utc(day, timetable.delivery_time, timetable.timezone), day)
