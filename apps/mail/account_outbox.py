"""The outbox of account mails and notices, as the sending engine sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.mail.message import Message, address_digest
from apps.mail.models import OutboundMail, OutgoingStatus
from apps.mail.outbox import CLOCK_SKEW
from apps.mail.rendering import compose


class AccountOutbox:
    """Serves mail.OutboundMail. An account mail has no sequel."""

    name = "account"
    model = OutboundMail
    armable = (
        "row.expires_at > %(now)s "
        "AND NOT EXISTS (SELECT FROM mail_suppression WHERE digest = %(next_digest)s)"
    )
    sequel = "SELECT 1 WHERE false"
    parameter_types = {"next_digest": "text"}

    def arming(self, row: Any) -> Mapping[str, Any]:
        return {"next_digest": address_digest(row.recipient)}

    def settling(self, row: Any) -> Mapping[str, Any]:
        return {}

    def fresh(self, now: datetime) -> Q:
        return Q(expires_at__gt=now)

    def claimable(self, now: datetime) -> Q:
        return self.fresh(now)

    def load(self, ids: Sequence[int]) -> list[OutboundMail]:
        rows = OutboundMail.objects.filter(id__in=ids).order_by("due_at", "id")
        return list(rows.select_related("user"))

    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        return compose(rows)

    def look(self, row: Any) -> Message | None:
        return compose([row]).get(row.pk)

    def expire(self, now: datetime) -> None:
        planned = OutboundMail.objects.planned()
        planned.filter(expires_at__lte=now).update(
            status=OutgoingStatus.CANCELLED, last_code="expired"
        )
        # An account mail is due as soon as it is written.
        planned.filter(due_at__gt=now + CLOCK_SKEW).update(due_at=now)

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        changes = {"status": OutgoingStatus.CANCELLED, "last_code": code}
        return rows.update(**changes, lease_until=None, lease_owner=None)

    def why_not_resend(self, row: Any) -> str:
        return "" if row.expires_at > timezone.now() else "What it says has expired."
