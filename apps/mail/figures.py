"""What /metrics shows of mail: the outboxes as they stand, the switch, what became of attempts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Value
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
        found = open_mail(outbox, now)
        for status, count in found.counts.items():
            standing.add_metric([outbox.name, status], count)
        due.add_metric([outbox.name], found.due)
        oldest = found.oldest_due_at
        waiting.add_metric([outbox.name], (now - oldest).total_seconds() if oldest else 0.0)
    yield from (standing, due, waiting)
    is_on = SendingSwitch.objects.filter(pk=1, is_on=True).count()
    yield gauge("dailychallenge_sending_on", "1 while the sending switch is on.", is_on)


@dataclass(frozen=True, slots=True)
class OpenMail:
    """What is not over yet in one outbox: how many by open status, and how many of the planned
    could leave now. What is stale, and waits to be dated anew, could not.
    """

    counts: Mapping[str, int]
    due: int
    oldest_due_at: datetime | None


def open_mail(outbox: Outbox, now: datetime) -> OpenMail:
    """How it stands, in one query.

    What is due has a part of its own, with the conditions of a claim: as a filter of the count they
    would be asked for every row that waits, twice. Of a million planned it takes 20 ms while a few
    thousand are due, and 2 s when all are.
    """
    manager: Any = outbox.model._default_manager
    due = manager.claimable(now).filter(outbox.claimable(now))
    parts = [*(manager.filter(status=status) for status in OPEN), due]
    first, *others = (
        part.order_by()
        .values("status")
        .annotate(is_due=Value(part is due), count=Count("id"), oldest=Min("due_at"))
        for part in parts
    )
    rows = list(first.union(*others, all=True))
    counts = {row["status"]: row["count"] for row in rows if not row["is_due"]}
    of_due: dict[str, Any] = next((row for row in rows if row["is_due"]), {})
    return OpenMail(
        counts={str(status): counts.get(status, 0) for status in OPEN},
        due=of_due.get("count", 0),
        oldest_due_at=of_due.get("oldest"),
    )
