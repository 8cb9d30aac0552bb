"""What /metrics shows of planning: who is due and not planned for yet, and what was planned."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import Metric

from apps.core.metrics import gauge
from apps.core.tallies import Tallies, TallyCounter
from apps.notifications.models import Subscription

PLANNED = TallyCounter(
    "dailychallenge_subscriptions_planned",
    "Subscribers whose hour came: planned, or starved because the bank holds nothing more.",
    ("outcome",),
)


def count_planned(planned: int, starved: int) -> None:
    """Add what one run of the planner did to the totals."""
    tallies = Tallies()
    tallies.count(PLANNED, "planned", by=planned)
    tallies.count(PLANNED, "starved", by=starved)
    tallies.save()


def state_of_planning(now: datetime) -> Iterator[Metric]:
    """How many wait for the planner; one query."""
    yield gauge(
        "dailychallenge_subscriptions_due",
        "Subscribers whose hour has come and who wait for the planner.",
        Subscription.objects.due(now).count(),
    )
