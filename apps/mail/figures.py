"""What /metrics shows of mail: the outboxes as they stand, the switch, what became of attempts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from apps.core.metrics import gauge
from apps.core.tallies import Tallies, TallyCounter, TallyHistogram
from apps.mail.models import Outgoing, OutgoingStatus, SendingSwitch
from apps.mail.outbox import Outbox, registered

# Not over yet. Each has a partial index; what is over would take a walk through the whole history.
OPEN = (
    OutgoingStatus.PLANNED,
    OutgoingStatus.CLAIMED,
    OutgoingStatus.SENDING,
    OutgoingStatus.UNCERTAIN,
)

SETTLED = TallyCounter(
    "dailychallenge_mails_settled",
    "Attempts by outbox and by what the mail is after it; planned: to be tried again.",
    ("outbox", "status"),
)
LAG = TallyHistogram(
    "dailychallenge_mail_lag_seconds",
    "From the instant a mail was due to the instant it was handed over.",
    (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400, 43200),
    ("outbox",),
)


def count_settled(tallies: Tallies, outbox: str, row: Outgoing, status: str) -> None:
    """Count one attempt by what the mail is after it and, if it was sent, how late that was."""
    tallies.count(SETTLED, outbox, status)
    if status == OutgoingStatus.SENT:
        tallies.observe(LAG, (timezone.now() - row.due_at).total_seconds(), outbox)


def state_of_mail(now: datetime) -> Iterator[Metric]:
    """The outboxes, a query each, and the switch."""
    standing = GaugeMetricFamily(
        "dailychallenge_mails", "Mails that are not over, by status.", labels=["outbox", "status"]
    )
    due = GaugeMetricFamily(
        "dailychallenge_mails_due", "Mails whose time has come and that wait.", labels=["outbox"]
    )
    waiting = GaugeMetricFamily(
        "dailychallenge_mail_longest_wait_seconds",
        "Since the oldest of those was due.",
        labels=["outbox"],
    )
    for outbox in registered():
        found = {row["status"]: row for row in open_rows(outbox, now)}
        for status in OPEN:
            standing.add_metric([outbox.name, status], found.get(status, _NONE)["count"])
        planned = found.get(OutgoingStatus.PLANNED, _NONE)
        due.add_metric([outbox.name], planned["due"])
        oldest = planned["oldest"]
        wait_s = (now - oldest).total_seconds() if oldest and planned["due"] else 0.0
        waiting.add_metric([outbox.name], wait_s)
    yield from (standing, due, waiting)
    is_on = SendingSwitch.objects.filter(pk=1, is_on=True).count()
    yield gauge("dailychallenge_sending_on", "1 while the sending switch is on.", is_on)


_NONE = {"count": 0, "due": 0, "oldest": None}


def open_rows(outbox: Outbox, now: datetime) -> QuerySet[Outgoing, Any]:
    """A row for each open status that has mails: its `count`, how many of them are `due`, and the
    `oldest` of those.
    """
    is_due = Q(due_at__lte=now) & (Q(not_before__isnull=True) | Q(not_before__lte=now))
    first, *others = (
        outbox.model._default_manager.filter(status=status)
        .order_by()
        .values("status")
        .annotate(
            count=Count("id"),
            due=Count("id", filter=is_due),
            oldest=Min("due_at", filter=is_due),
        )
        for status in OPEN
    )
    return first.union(*others, all=True)
