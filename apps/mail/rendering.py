"""Composes account mails. (Being written.)"""

from collections.abc import Mapping, Sequence

from apps.mail.message import Message, message_id_for
from apps.mail.models import OutboundMail


def compose(rows: Sequence[OutboundMail]) -> Mapping[int, Message]:
    return {
        row.pk: Message(
            row.recipient, message_id_for("account", row.pk), row.purpose, "text", "<p>html</p>"
        )
        for row in rows
    }
