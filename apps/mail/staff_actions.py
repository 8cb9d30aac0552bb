"""What staff may do to a single mail."""

from typing import Any

import structlog
from django.db import transaction

from apps.core.errors import ConflictError
from apps.core.queue import enqueue
from apps.mail.advance import is_armable
from apps.mail.copies import why_not_to
from apps.mail.models import HANDED_OVER, Outgoing, OutgoingStatus
from apps.mail.outbox import Outbox, outbox_of

log = structlog.get_logger(__name__)

# Until a mail is armed it can be called off; from then on the mail server may have it.
CANCELLABLE = (OutgoingStatus.PLANNED, OutgoingStatus.CLAIMED)
# A copy of a mail that arrived is a test mail, and leaves outside the ledger.
RESENDABLE = (OutgoingStatus.FAILED, OutgoingStatus.UNCERTAIN, OutgoingStatus.BOUNCED)

_NO_COPY = {
    "sending_off": "Sending is off.",
    "suppressed": "Your own address must not be written to; see the suppressions.",
}


@transaction.atomic
def cancel(*, row: Outgoing, by: Any) -> None:
    """Never send this mail; a challenge frees its slot and its problem, as any that is called off.

    ConflictError `not_cancellable` once it is under way or over.
    """
    outbox = outbox_of(row)
    rows = outbox.model._default_manager.filter(pk=row.pk, status__in=CANCELLABLE)
    if not outbox.call_off(rows, code="cancelled_by_staff"):
        raise ConflictError(
            "It is under way or over, and cannot be cancelled any more.", code="not_cancellable"
        )
    log.info("mail_cancelled_by_staff", outbox=outbox.name, row=row.pk, by=getattr(by, "pk", None))


@transaction.atomic
def resend(*, row: Outgoing, by: Any) -> None:
    """Send a mail again, under its Message-ID: at once, or what has become stale at its reader's
    next hour: a challenge in place of another, a solution before it.

    ConflictError `not_resendable` when it arrived or is on its way, or when it could not be sent
    now either; the message says why.
    """
    outbox = outbox_of(row)
    if reason := outbox.why_not_resend(row):
        raise ConflictError(reason, code="not_resendable")
    (loaded,) = outbox.load([row.pk])
    if not is_armable(outbox, loaded):
        raise ConflictError(
            "It is not wanted any more, or must not be sent.", code="not_resendable"
        )
    rows = outbox.model._default_manager.filter(pk=row.pk, status__in=RESENDABLE)
    if not rows.update(status=OutgoingStatus.PLANNED, not_before=None, solo_claims=0, sent_at=None):
        raise ConflictError("It has arrived, or is on its way.", code="not_resendable")
    enqueue("emails.send_batch")
    log.info("mail_resent_by_staff", outbox=outbox.name, row=row.pk, by=getattr(by, "pk", None))


def request_copy(*, row: Outgoing, by: Any) -> None:
    """Have a copy of a mail that has left sent to whoever asks, never to its reader; see
    mail.copies.

    Nothing is written down: a broker that is away loses it, and who misses it asks again.
    ConflictError `not_copied`, with the reason.
    """
    outbox = outbox_of(row)
    if row.status not in HANDED_OVER:
        raise ConflictError("It has not left.", code="not_copied")
    if reason := why_not_to(by.email):
        raise ConflictError(_NO_COPY[reason], code="not_copied")
    if reason := _why_not_composed(outbox, row):
        raise ConflictError(reason, code="not_copied")
    enqueue("emails.send_test_mail", outbox.name, row.pk, by.email)
    log.info("copy_requested", outbox=outbox.name, row=row.pk, by=by.pk)


def _why_not_composed(outbox: Outbox, row: Outgoing) -> str:
    try:
        return "" if outbox.look(row) else "It has nothing more to say."
    except Exception:
        # Whoever asks is told now, instead of waiting for a mail that will not come.
        log.exception("mail_not_shown", outbox=outbox.name, row=row.pk)
        return "It cannot be composed; see the log."
