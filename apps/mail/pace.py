"""How fast all workers together may send, and how many mails a day; counted in PostgreSQL.

A slot is an instant at which one mail may leave, and no two workers have the same. A slot that was
missed by a second is lost: so in any stretch of time no more mails leave than it has slots, those
of the second before it, and one of each worker that stalled just as it began its mail. Slots are
taken in blocks, so that workers seldom meet at the one row; a block is what its worker can use in
time, and a second's worth at most.
"""

import time
from collections import deque
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from apps.mail.models import SendingPace

# A slot missed by more is lost; else a worker that stalled would make up for it at once.
_MISSED_AFTER_S = 1.0
# A worker that uses its last slot sooner than this gets a longer block next.
_IN_TIME_S = _MISSED_AFTER_S / 4
# Nobody gets a slot that is further ahead. So a next one that is further than that and a block was
# set before the clock was set back, and must hold nobody up for long.
_AHEAD_S = 60.0
# When a slot is to be asked for again and the moment is all but here.
_SOON_S = 0.01

# The instant is read under the lock; days are those of the database's clock, one for all workers.
_TAKE = """
WITH pace AS MATERIALIZED (
    SELECT next_at, day, day_count FROM mail_sendingpace WHERE id = 1 FOR UPDATE
), moment AS MATERIALIZED (
    SELECT *, clock_timestamp() AS now FROM pace
), taking AS (
    SELECT now, (now AT TIME ZONE 'UTC')::date AS today,
           GREATEST(now, LEAST(next_at, now + %(latest_s)s * interval '1 s')) AS start,
           CASE WHEN day = (now AT TIME ZONE 'UTC')::date
                THEN day_count - CASE WHEN day = %(unused_day)s THEN %(unused)s ELSE 0 END
                ELSE 0 END AS used
    FROM moment
), block AS (
    SELECT *, CASE WHEN start > now + %(ahead_s)s * interval '1 s' THEN 0
                   WHEN %(per_day)s = 0 THEN %(wanted)s
                   ELSE GREATEST(0, LEAST(%(wanted)s, %(per_day)s - used)) END AS size
    FROM taking
)
UPDATE mail_sendingpace
SET next_at = block.start + block.size * %(gap_s)s * interval '1 s',
    day = block.today, day_count = GREATEST(0, block.used) + block.size
FROM block WHERE id = 1
RETURNING block.size, EXTRACT(epoch FROM block.start - block.now)::float, block.today,
    EXTRACT(epoch FROM (block.today + 1)::timestamp AT TIME ZONE 'UTC' - block.now)::float
"""
_GIVE_BACK = """
UPDATE mail_sendingpace SET day_count = GREATEST(0, day_count - %(unused)s)
WHERE id = 1 AND day = %(unused_day)s
"""


class Pace:
    """One run's share of what all workers may send together. Costs nothing without a limit."""

    def __init__(self) -> None:
        self._slots: deque[float] = deque()
        # The day that they and those we missed were counted on, and when it ends.
        self._day: date | None = None
        self._day_ends_at = 0.0
        self._missed = 0
        self._size = 1
        self._used = 0
        self._late_s = float("inf")
        self._ask_at = float("-inf")

    def wait_s(self) -> float | None:
        """Seconds until the next mail may leave (0: now), or None when the day's number is reached.

        The slot stays ours until `use`, unless it is missed.
        """
        if not (settings.EMAIL_MAX_PER_SECOND or settings.EMAIL_MAX_PER_DAY):
            return 0.0
        self._drop_missed()
        if not self._slots and time.monotonic() >= self._ask_at and not self._take():
            return None
        if self._slots:
            return max(0.0, self._slots[0] - time.monotonic())
        return max(_SOON_S, self._ask_at - time.monotonic())

    def use(self) -> None:
        """A mail is leaving."""
        if self._slots:
            self._late_s = time.monotonic() - self._slots.popleft()
            self._used += 1

    def give_back(self) -> None:
        """The run ends: what it took and did not use counts for nobody."""
        self._missed += len(self._slots)
        self._slots.clear()
        if self._missed:
            with connection.cursor() as cursor:
                cursor.execute(_GIVE_BACK, self._unused())
            self._missed = 0

    def _drop_missed(self) -> None:
        now = time.monotonic()
        per_second = settings.EMAIL_MAX_PER_SECOND
        while self._slots and (
            now >= self._day_ends_at or (per_second and self._slots[0] < now - _MISSED_AFTER_S)
        ):
            self._slots.popleft()
            self._missed += 1

    def _take(self) -> bool:
        """Take a block, or note when to ask again; False when the day's number is reached."""
        per_second = settings.EMAIL_MAX_PER_SECOND
        gap_s = 1 / per_second if per_second else 0.0
        most = min(per_second or settings.MAIL_BATCH_SIZE, settings.MAIL_BATCH_SIZE)
        self._size = self._fitting(most)
        limits = {"per_day": settings.EMAIL_MAX_PER_DAY, "wanted": self._size, "gap_s": gap_s}
        bounds = {"ahead_s": _AHEAD_S, "latest_s": _AHEAD_S + most * gap_s}
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {**limits, **bounds, **self._unused()})
            size, starts_in_s, self._day, day_ends_in_s = cursor.fetchone()
        now = time.monotonic()
        self._missed = self._used = 0
        self._day_ends_at = now + day_ends_in_s
        self._slots.extend(now + starts_in_s + n * gap_s for n in range(size))
        self._ask_at = now + starts_in_s - _AHEAD_S
        return bool(size > 0 or starts_in_s > _AHEAD_S)

    def _fitting(self, most: int) -> int:
        """The size of the next block, as the last one tells it."""
        if self._missed:
            return max(1, self._used // 2)
        return min(most, self._size * 2 if self._late_s < _IN_TIME_S else self._size)

    def _unused(self) -> dict[str, int | date | None]:
        return {"unused": self._missed, "unused_day": self._day}


def allowance(begin: datetime, end: datetime) -> int | None:
    """How many mails the limits let leave between two instants, less than a day apart; None: any
    number.
    """
    limits = []
    if settings.EMAIL_MAX_PER_SECOND:
        limits.append(int(settings.EMAIL_MAX_PER_SECOND * (end - begin).total_seconds()))
    if per_day := settings.EMAIL_MAX_PER_DAY:
        first, last = begin.date(), end.date()
        pace = SendingPace.objects.get(pk=1)
        used = pace.day_count if pace.day == first else 0
        limits.append(max(0, per_day - used) + (per_day if last > first else 0))
    return min(limits, default=None)
