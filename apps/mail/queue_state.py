"""How the outboxes stand: what waits, is under way, went wrong, and how much leaves a minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMinute

from apps.mail.figures import open_mail
from apps.mail.models import Outgoing, OutgoingStatus
from apps.mail.outbox import Outbox, registered

WENT_WRONG = (OutgoingStatus.FAILED, OutgoingStatus.BOUNCED, OutgoingStatus.COMPLAINED)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# What is sent now was due within the last two days, unless somebody sends it again by hand.
_STILL_SENT_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is not over yet in one outbox."""

    model: type[Outgoing]
    title: str
    due: int
    planned: int
    claimed: int
    sending: int
    uncertain: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one outbox has done: failed in the last 24 hours, sent in each of 60 minutes."""

    failed: int
    per_minute: list[int]

    @property
    def sent_last_minute(self) -> int:
        return self.per_minute[-1]

    @property
    def sent_last_hour(self) -> int:
        return sum(self.per_minute)


def standings(now: datetime) -> list[Standing]:
    """All outboxes as they stand, a query each."""
    return [_standing_of(outbox, now) for outbox in registered()]


def throughputs(now: datetime) -> list[Throughput]:
    """What all outboxes have done, two queries each, in the order of `standings`."""
    return [_throughput_of(outbox, now) for outbox in registered()]


def waiting_by(end: datetime, now: datetime) -> int:
    """How many mails of all outboxes are to leave until then, a query each."""
    return sum(_waiting_in(outbox, end, now) for outbox in registered())


def minutes_before(now: datetime) -> Iterator[datetime]:
    """The 60 minutes that `Throughput.per_minute` counts; the last is the one that just ended."""
    this_minute = now.replace(second=0, microsecond=0)
    for back in range(60, 0, -1):
        yield this_minute - timedelta(minutes=back)


def _standing_of(outbox: Outbox, now: datetime) -> Standing:
    found = open_mail(outbox, now)
    return Standing(
        model=outbox.model,
        title=str(outbox.model._meta.verbose_name_plural),
        due=found.due,
        oldest_due_at=found.oldest_due_at,
        **found.counts,
    )


def _throughput_of(outbox: Outbox, now: datetime) -> Throughput:
    sent = dict(_sent_by_minute(outbox, now))
    return Throughput(
        failed=_rows(outbox).filter(status__in=WENT_WRONG, due_at__gt=now - DAY).count(),
        per_minute=[sent.get(minute, 0) for minute in minutes_before(now)],
    )


def _waiting_in(outbox: Outbox, end: datetime, now: datetime) -> int:
    waiting = _rows(outbox).waiting().filter(outbox.fresh(now), due_at__lte=end)
    return int(waiting.exclude(not_before__gt=end).count())


def _sent_by_minute(outbox: Outbox, now: datetime) -> "QuerySet[Any, tuple[datetime, int]]":
    rows: QuerySet[Any, tuple[datetime, int]] = (
        _rows(outbox)
        .filter(sent_at__gt=now - HOUR - timedelta(minutes=1), due_at__gt=now - _STILL_SENT_AFTER)
        .order_by()
        .annotate(minute=TruncMinute("sent_at"))
        .values_list("minute")
        .annotate(Count("id"))
    )
    return rows


def _rows(outbox: Outbox) -> Any:
    return outbox.model._default_manager.all()
