"""What the staff's first page shows: who is due, what went out, what the bank holds, what waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from apps.core.models import Alert, Heartbeat
from apps.mail.queue_state import Standing, standings
from apps.notifications.by_day import Day, deliveries_by_day
from apps.notifications.models import Subscription, SubscriptionStatus
from apps.problems.models import Difficulty, Problem, ProblemStatus
from apps.tags.models import SuggestionStatus, Tag, TagSuggestion

DAYS = 30
ALERTS_SHOWN = 6
# The empty one: nobody has chosen yet.
DIFFICULTIES = (*Difficulty.values, "")


@dataclass(frozen=True, slots=True)
class BankRow:
    """Problems of one status, by difficulty as in DIFFICULTIES."""

    status: str
    counts: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures, as of `now`."""

    now: datetime
    due_next_day: int
    mail: Sequence[Standing]
    days: Sequence[Day]
    subscribers: Mapping[str, int]
    bank: Sequence[BankRow]
    interests: Sequence[tuple[str, int]]
    suggestion_count: int
    open_alerts: Sequence[Alert]
    open_alert_count: int
    heartbeats: Sequence[Heartbeat]

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def uncertain(self) -> int:
        return sum(standing.uncertain for standing in self.mail)

    @property
    def oldest_due_at(self) -> datetime | None:
        return min((s.oldest_due_at for s in self.mail if s.oldest_due_at), default=None)

    @property
    def subscriber_count(self) -> int:
        return sum(self.subscribers.values())

    def problem_count(self, status: str) -> int:
        """Problems of a status, whatever their difficulty."""
        return next(row.total for row in self.bank if row.status == status)


def dashboard(now: datetime) -> Dashboard:
    """All figures of the first page, in a constant number of queries."""
    return Dashboard(
        now=now,
        due_next_day=Subscription.objects.due(now + timedelta(days=1)).count(),
        mail=standings(now),
        days=deliveries_by_day(now, DAYS),
        subscribers=_subscribers(),
        bank=_bank(),
        interests=list(_interests()),
        suggestion_count=TagSuggestion.objects.filter(status=SuggestionStatus.PENDING).count(),
        open_alerts=list(Alert.objects.open().order_by("-last_raised_at")[:ALERTS_SHOWN]),
        open_alert_count=Alert.objects.open().count(),
        heartbeats=list(Heartbeat.objects.all()),
    )


def _subscribers() -> dict[str, int]:
    rows = Subscription.objects.order_by().values_list("status").annotate(Count("id"))
    return dict.fromkeys(SubscriptionStatus.values, 0) | dict(rows)


def _bank() -> list[BankRow]:
    rows = Problem.objects.order_by().values_list("difficulty", "status").annotate(Count("id"))
    counts: Counter[Any] = Counter({(row[0], row[1]): row[2] for row in rows})
    return [
        BankRow(status, [counts[difficulty, status] for difficulty in DIFFICULTIES])
        for status in ProblemStatus.values
    ]


def _interests() -> Any:
    roots = Tag.objects.filter(level=0).order_by("-problem_count", "name")
    return roots.values_list("name", "problem_count")
