"""Keeps mails in a table instead of sending them, so that a demo can be read on one machine."""

from typing import Any

from django.conf import settings

from apps.mail.message import Message, safe_header
from apps.mail.models import MailboxMessage
from apps.mail.transports.base import Outcome, Verdict

_LONGEST_SUBJECT = 998


class MailboxTransport:
    """Accepts everything; the newest mails are kept."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def prepare(self, message: Message, *, key: str = "") -> MailboxMessage:
        return MailboxMessage(
            message_id=message.message_id,
            recipient=message.recipient,
            subject=safe_header(message.subject)[:_LONGEST_SUBJECT],
            raw=message.raw(),
        )

    def send(self, prepared: MailboxMessage) -> Outcome:
        prepared.save(force_insert=True)
        MailboxMessage.objects.filter(pk__lte=prepared.pk - settings.MAILBOX_KEEP).delete()
        return Outcome(Verdict.SENT, "250")

    def close(self) -> None:
        """Nothing is open."""
