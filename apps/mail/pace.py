"""How fast all workers together may send, and how many mails a day; counted in PostgreSQL.

Slots are taken in blocks of about a second's worth, so that workers seldom meet at the one row.
"""

import time
from collections import deque
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.mail.models import SendingPace

# The start of a block is bounded, so that a clock that was set back holds nobody up for long.
_TAKE = """
WITH pace AS (
    SELECT GREATEST(LEAST(next_at, clock_timestamp() + interval '1 min'), clock_timestamp())
               AS start,
           CASE WHEN day = %(today)s THEN day_count ELSE 0 END AS used
    FROM mail_sendingpace WHERE id = 1 FOR UPDATE
), block AS (
    SELECT start, used, CASE WHEN %(per_day)s = 0 THEN %(wanted)s
                             ELSE LEAST(%(wanted)s, %(per_day)s - used) END AS size
    FROM pace
)
UPDATE mail_sendingpace
SET next_at = block.start + block.size * %(gap_s)s * interval '1 s',
    day = %(today)s, day_count = block.used + block.size
FROM block WHERE id = 1 AND block.size > 0
RETURNING block.size, EXTRACT(epoch FROM block.start - clock_timestamp())::float
"""
_GIVE_BACK = """
UPDATE mail_sendingpace SET day_count = GREATEST(0, day_count - %(unused)s)
WHERE id = 1 AND day = %(today)s
"""


class Pace:
    """One run's share of what all workers may send together. Costs nothing without a limit."""

    def __init__(self) -> None:
        self._slots: deque[float] = deque()

    def wait_s(self) -> float | None:
        """Seconds until the next mail may leave (0: now), or None when the day's number is reached.

        The slot stays ours until `use`.
        """
        if not (settings.EMAIL_MAX_PER_SECOND or settings.EMAIL_MAX_PER_DAY):
            return 0.0
        if not self._slots:
            self._take()
        return max(0.0, self._slots[0] - time.monotonic()) if self._slots else None

    def use(self) -> None:
        """A mail is leaving."""
        if self._slots:
            self._slots.popleft()

    def give_back(self) -> None:
        """The run ends: what it took and did not use counts for nobody."""
        if self._slots:
            with connection.cursor() as cursor:
                cursor.execute(_GIVE_BACK, {"unused": len(self._slots), "today": _today()})
            self._slots.clear()

    def _take(self) -> None:
        per_second = settings.EMAIL_MAX_PER_SECOND
        gap_s = 1 / per_second if per_second else 0.0
        wanted = min(per_second or settings.MAIL_BATCH_SIZE, settings.MAIL_BATCH_SIZE)
        limits = {"per_day": settings.EMAIL_MAX_PER_DAY, "gap_s": gap_s, "wanted": wanted}
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {**limits, "today": _today()})
            block = cursor.fetchone()
        if block:
            size, starts_in_s = block
            start = time.monotonic() + starts_in_s
            self._slots.extend(start + n * gap_s for n in range(size))


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


def _today() -> str:
    return timezone.now().date().isoformat()
