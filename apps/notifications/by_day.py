"""What became of the deliveries of each day (UTC): the bars of the staff's first page.

Days that are over hardly change any more, so they are counted once a day and remembered in the
cache; only the last two are counted each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import Coalesce, TruncDate

from apps.mail.models import HANDED_OVER
from apps.mail.queue_state import WENT_WRONG
from apps.notifications.models import Delivery

_WRONG = tuple(WENT_WRONG)
_OUT = tuple(status for status in HANDED_OVER if status not in _WRONG)
_ONE = timedelta(days=1)
# A mail leaves at most two days after it was due; the index is on that.
_LEAVES_WITHIN = timedelta(days=2)
_LIVE_DAYS = 2
# A bounce that is reported later shows when the day is counted next.
_REMEMBERED_S = 24 * 60 * 60
_KEY = "deliveries-by-day"

# Sent, and gone wrong.
_Counts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Day:
    """What became of a day's deliveries: sent on it, or due on it and gone wrong."""

    day: date
    sent: int
    wrong: int


def deliveries_by_day(now: datetime, days: int) -> list[Day]:
    """The last days, today included, oldest first; one query."""
    today = now.astimezone(UTC).date()
    wanted = [today - _ONE * back for back in range(days - 1, -1, -1)]
    over = wanted[:-_LIVE_DAYS]
    counts = _remembered(over)
    unknown = [day for day in wanted if day not in counts]
    counted = _counted(unknown[0])
    _remember({day: counted.get(day, (0, 0)) for day in unknown if day in over})
    counts = counted | counts
    return [Day(day, *counts.get(day, (0, 0))) for day in wanted]


def _remembered(days: Iterable[date]) -> dict[date, _Counts]:
    found: dict[str, _Counts] = cache.get_many([_key(day) for day in days])
    return {day: found[_key(day)] for day in days if _key(day) in found}


def _remember(counts: dict[date, _Counts]) -> None:
    if counts:
        cache.set_many({_key(day): value for day, value in counts.items()}, _REMEMBERED_S)


def _key(day: date) -> str:
    return f"{_KEY}:{day}"


def _counted(first: date) -> dict[date, _Counts]:
    midnight = datetime.combine(first, time(0), UTC)
    rows: Any = (
        Delivery.objects.filter(due_at__gte=midnight - _LEAVES_WITHIN, status__in=_OUT + _WRONG)
        .order_by()
        .values(day=TruncDate(Coalesce("sent_at", "due_at"), tzinfo=UTC))
        .annotate(
            sent=Count("id", filter=Q(status__in=_OUT)),
            wrong=Count("id", filter=Q(status__in=_WRONG)),
        )
    )
    return {row["day"]: (row["sent"], row["wrong"]) for row in rows}
