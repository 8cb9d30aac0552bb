"""A copy of a mail for whoever of the staff asks: a test mail, outside the ledger.

It has no row, no second try and no power: links lead nowhere, and nothing is changed by it. What it
does take is one slot of the pace.
"""

import time
import uuid

import structlog
from django.conf import settings

from apps.core.services import raise_alert, resolve_alert
from apps.mail.harmless import look_of
from apps.mail.identity import is_confirmed
from apps.mail.ledger import is_sending_on
from apps.mail.message import Message, address_digest
from apps.mail.models import Outgoing, Suppression
from apps.mail.outbox import Outbox, named
from apps.mail.pace import Pace
from apps.mail.rendering import COMMON_HEADERS, subject_line
from apps.mail.transports import Line, Outcome, TransportDownError, Verdict

log = structlog.get_logger(__name__)

_NOTHING_TO_SAY = Outcome(Verdict.UNSENT, "nothing_to_say")


def send_copy(*, outbox_name: str, row_id: int, recipient: str) -> str:
    """Send it at once, or never; the code says what became of it.

    Whatever keeps it from being sent opens the alert `test_mail_failed`.
    """
    outbox = named(outbox_name)
    row = outbox.model._default_manager.filter(pk=row_id).first()
    message = copy_of(outbox, row, recipient=recipient) if row else None
    outcome = _send(message) if message else _NOTHING_TO_SAY
    told = {"outbox": outbox_name, "row": row_id, "code": outcome.code}
    log.info("test_mail_finished", verdict=outcome.verdict.value, **told)
    if outcome.verdict is Verdict.SENT:
        resolve_alert("test_mail_failed")
    else:
        raise_alert("test_mail_failed", detail=told)
    return outcome.code


def copy_of(outbox: Outbox, row: Outgoing, *, recipient: str) -> Message | None:
    """The mail as its page shows it, under a Message-ID of its own; None when it has nothing more
    to say.
    """
    original = outbox.look(row)
    if original is None:
        return None
    look = look_of(original)
    return Message(
        recipient=recipient,
        message_id=f"<test.{uuid.uuid4()}@{settings.MAIL_DOMAIN}>",
        subject=subject_line(f"[Test] {look.subject}"),
        text=look.text,
        html=look.html,
        headers=COMMON_HEADERS,
    )


def why_not_to(recipient: str) -> str:
    """Why nothing may be sent to this address now, as a code; empty when it may."""
    if not (is_sending_on() and is_confirmed()):
        return "sending_off"
    is_suppressed = Suppression.objects.filter(digest=address_digest(recipient)).exists()
    return "suppressed" if is_suppressed else ""


def _send(message: Message) -> Outcome:
    if code := why_not_to(message.recipient):
        return Outcome(Verdict.UNSENT, code)
    pace = Pace()
    try:
        return _hand_over(message, pace)
    except TransportDownError as error:
        return Outcome(Verdict.UNSENT, error.code)
    finally:
        pace.give_back()


def _hand_over(message: Message, pace: Pace) -> Outcome:
    with Line() as line:
        transport = line.transport()
        prepared = transport.prepare(message)
        if not _slot_comes(pace):
            return Outcome(Verdict.UNSENT, "daily_limit")
        # Somebody may have pressed the stop button while we waited.
        if code := why_not_to(message.recipient):
            return Outcome(Verdict.UNSENT, code)
        pace.use()
        return transport.send(prepared)


def _slot_comes(pace: Pace) -> bool:
    """Waits for it, about a minute at most; False when the day's number is reached."""
    while wait_s := pace.wait_s():
        time.sleep(wait_s)
    return wait_s is not None
