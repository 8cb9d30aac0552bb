"""Composes challenges and solutions. (Being written.)"""

from collections.abc import Mapping, Sequence

from apps.mail.message import Message, message_id_for
from apps.notifications.models import Delivery


def compose(deliveries: Sequence[Delivery]) -> Mapping[int, Message]:
    return {
        row.pk: Message(
            row.subscription.user.email,
            message_id_for("delivery", row.pk),
            row.problem.title,
            "text",
            "<p>html</p>",
        )
        for row in deliveries
    }
