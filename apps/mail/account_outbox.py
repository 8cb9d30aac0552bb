"""The outbox of account mails and notices, as the sending engine sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from apps.mail.message import Message, address_digest
from apps.mail.models import OutboundMail, OutgoingStatus, Suppression
from apps.mail.rendering import compose


def not_suppressed(address: str) -> Q:
    """The address is not on the list of those who must not be written to."""
    return Q(~Exists(Suppression.objects.filter(digest=address_digest(address))))


class AccountOutbox:
    """Serves mail.OutboundMail."""

    name = "account"
    model = OutboundMail

    def claimable(self, now: datetime) -> Q:
        return Q(expires_at__gt=now)

    def armable(self, row: Any) -> Q:
        return Q(expires_at__gt=timezone.now()) & not_suppressed(row.recipient)

    def load(self, ids: Sequence[int]) -> list[OutboundMail]:
        rows = OutboundMail.objects.filter(id__in=ids).order_by("due_at", "id")
        return list(rows.select_related("user"))

    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        return compose(rows)

    def expire(self, now: datetime) -> None:
        OutboundMail.objects.planned().filter(expires_at__lte=now).update(
            status=OutgoingStatus.CANCELLED, last_code="expired"
        )

    def handed_over(self, ids: Sequence[int]) -> None:
        """An account mail has no sequel."""

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        changes = {"status": OutgoingStatus.CANCELLED, "last_code": code}
        return rows.update(**changes, lease_until=None, lease_owner=None)
