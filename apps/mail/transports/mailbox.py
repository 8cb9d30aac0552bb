"""Keeps mails in a table instead of sending them, so that a demo can be read on one machine."""

from typing import Any

from django.conf import settings

from apps.mail.message import Message
from apps.mail.models import MailboxMessage
from apps.mail.transports.base import Outcome, Verdict


class MailboxTransport:
    """Accepts everything; the newest mails are kept."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def send(self, message: Message) -> Outcome:
        kept = MailboxMessage.objects.create(
            message_id=message.message_id,
            recipient=message.recipient,
            subject=message.subject,
            raw=message.raw(),
        )
        MailboxMessage.objects.filter(pk__lte=kept.pk - settings.MAILBOX_KEEP).delete()
        return Outcome(Verdict.SENT, "250")

    def close(self) -> None:
        """Nothing is open."""
