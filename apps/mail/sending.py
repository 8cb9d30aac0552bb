"""The one engine by which mail leaves: claim, arm, send, settle, for every registered outbox.

PostgreSQL is the record. A process may die between any two statements: at most the one row that was armed is
repeated, and nothing is lost. The states and their arrows are in docs/architecture.md.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.utils import timezone

from apps.core.services import raise_alert, record_heartbeat
from apps.mail import ledger
from apps.mail.message import Message
from apps.mail.models import Outgoing
from apps.mail.outbox import Outbox, registered
from apps.mail.services import turn_sending_off
from apps.mail.transports import Outcome, Transport, TransportDownError, Verdict, open_transport

log = structlog.get_logger(__name__)

BATCH_SIZE = 50
# No new row is armed after this long, so that a run ends within its task's time limit.
RUN_S = 150.0


@dataclass(slots=True)
class Report:
    """How many rows a run moved, by what became of them."""

    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        if by:
            self.counts[what] = self.counts.get(what, 0) + by


def send_due(*, run: timedelta = timedelta(seconds=RUN_S)) -> dict[str, int]:
    """Send what is due, batch by batch, until nothing is due, the transport fails or the run's time is over.

    Safe to run any number of times at once: each row is claimed by one run. Returns counts by outcome.
    """
    report = Report()
    deadline = time.monotonic() + run.total_seconds()
    record_heartbeat("sender")
    for outbox in registered():
        ledger.recover(outbox)
        outbox.expire(timezone.now())
    while time.monotonic() < deadline and _send_round(report, deadline):
        record_heartbeat("sender")
    if report.counts:
        log.info("mail_run_finished", **report.counts)
    return report.counts


def _send_round(report: Report, deadline: float) -> bool:
    """One batch of the first outbox that has any; False when there is none, or no way to send it."""
    for outbox in registered():
        batch = ledger.claim(outbox, limit=BATCH_SIZE)
        if batch.rows:
            return _send_batch(outbox, batch, report, deadline)
    return False


def _send_batch(outbox: Outbox, batch: ledger.Batch, report: Report, deadline: float) -> bool:
    messages = _compose(outbox, batch, report)
    try:
        with open_transport() as transport:
            return _send_rows(outbox, batch, messages, transport, report, deadline)
    except TransportDownError as error:
        log.warning("transport_down", code=error.code, released=ledger.release(outbox, batch))
        report.count("transport_down")
        return False


def _send_rows(
    outbox: Outbox,
    batch: ledger.Batch,
    messages: Mapping[int, Message],
    transport: Transport,
    report: Report,
    deadline: float,
) -> bool:
    for row in batch.rows:
        if row.pk not in messages:
            continue
        if time.monotonic() >= deadline:
            ledger.release(outbox, batch)
            return False
        outcome = _send_row(outbox, batch.owner, row, messages[row.pk], transport, report)
        if outcome and outcome.ends_batch:
            ledger.release(outbox, batch)
            return False
    return True


def _send_row(
    outbox: Outbox,
    owner: uuid.UUID,
    row: Outgoing,
    message: Message,
    transport: Transport,
    report: Report,
) -> Outcome | None:
    """Arm, send and settle one row; None when it was not ours to arm, or is not to be sent any more."""
    armed = ledger.arm(outbox, owner, row, message.message_id)
    if armed is not ledger.Armed.YES:
        report.count(armed.value)
        return None
    outcome = transport.send(message)
    status = ledger.settle(outbox, owner, row, outcome)
    if outcome.verdict is Verdict.REFUSED_US:
        _stop_for(outcome)
    report.count(status)
    log.info(
        "mail_settled",
        outbox=outbox.name,
        row=row.pk,
        status=status,
        code=outcome.code,
        attempt=row.attempts + 1,
    )
    return outcome


def _compose(outbox: Outbox, batch: ledger.Batch, report: Report) -> Mapping[int, Message]:
    """The batch's mails; what cannot be composed fails alone, what has nothing to say is cancelled."""
    ids = [row.pk for row in batch.rows]
    try:
        messages = outbox.compose(ids)
        broken: list[int] = []
    except Exception:  # noqa: BLE001 -- one bad row must not hold up the others; each is tried and logged alone
        messages, broken = _compose_one_by_one(outbox, ids)
    unsaid = [pk for pk in ids if pk not in messages and pk not in broken]
    report.count("failed", ledger.fail_claimed(outbox, batch.owner, broken, "render_error"))
    report.count("cancelled", ledger.cancel_claimed(outbox, batch.owner, unsaid, "nothing_to_say"))
    return messages


def _compose_one_by_one(outbox: Outbox, ids: Sequence[int]) -> tuple[dict[int, Message], list[int]]:
    messages: dict[int, Message] = {}
    broken: list[int] = []
    for pk in ids:
        try:
            messages.update(outbox.compose([pk]))
        except Exception as error:
            broken.append(pk)
            log.exception("mail_not_composed", outbox=outbox.name, row=pk)
            raise_alert(
                "mail_not_composed", key=f"{outbox.name}:{pk}", detail={"error": repr(error)[:300]}
            )
    return messages, broken


def _stop_for(outcome: Outcome) -> None:
    turn_sending_off(reason=f"The mail provider refused our credentials ({outcome.code}).", by=None)
