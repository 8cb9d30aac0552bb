"""The one engine by which mail leaves: claim, arm, send, settle, for every registered outbox.

PostgreSQL is the record. A process may die between any two statements: at most the one row that was
armed is repeated, and nothing is lost. The states and their arrows are in docs/architecture.md.
"""

import structlog
from django.utils import timezone

from apps.core.queue import enqueue
from apps.mail.batch import send_batch
from apps.mail.identity import UNCONFIRMED, is_confirmed
from apps.mail.outbox import registered
from apps.mail.recovery import recover
from apps.mail.run import Run
from apps.mail.services import turn_sending_off
from apps.mail.transports import Line

log = structlog.get_logger(__name__)


def send_due() -> dict[str, int]:
    """Send what is due, batch by batch, until nothing is due, the transport fails or the run's time
    is over.

    Safe to run any number of times at once: each row is claimed by one run. Returns counts by
    outcome.
    """
    run = Run()
    run.show_life()
    for outbox in registered():
        recover(outbox)
        outbox.expire(timezone.now())
    if is_confirmed():
        _send_batches(run)
    else:
        turn_sending_off(reason=UNCONFIRMED)
    if run.is_out_of_time:
        enqueue("emails.send_batch")
    counts = {what: count for what, count in run.counts.items() if count}
    if counts:
        log.info("mail_run_finished", **counts)
    return counts


def _send_batches(run: Run) -> None:
    with Line() as line:
        for outbox, batch in run.batches():
            send_batch(outbox, batch, line, run)
            run.show_life()
    run.conclude()
    run.pace.give_back()
    run.tallies.save()
