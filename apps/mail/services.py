"""Put an account mail or notice into the outbox; press or release the stop button; suppress an
address.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from apps.core.errors import ConflictError, InvalidInputError
from apps.core.queue import enqueue
from apps.core.services import raise_alert, resolve_alert
from apps.mail.identity import UNCONFIRMED, is_confirmed
from apps.mail.message import address_digest
from apps.mail.models import OutboundMail, SendingSwitch, Suppression

log = structlog.get_logger(__name__)
_SWITCHED = ("is_on", "reason", "changed_by", "changed_at")


def queue_mail(
    *,
    purpose: str,
    user: Any,
    recipient: str,
    expires_at: datetime,
    context: dict[str, Any] | None = None,
) -> OutboundMail:
    """Write an outbox row in the caller's transaction and wake a sender after commit.

    `context` holds ids only; `purpose` must have a builder in mail.purposes when the mail is
    composed.
    """
    mail = OutboundMail.objects.create(
        purpose=purpose,
        user=user,
        recipient=recipient,
        context=context or {},
        due_at=timezone.now(),
        expires_at=expires_at,
    )
    enqueue("emails.send_batch")
    return mail


@transaction.atomic
def turn_sending_off(*, reason: str, by: Any = None) -> SendingSwitch:
    """Stop all sending until somebody turns it on again; the reason is shown to staff.

    Idempotent.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInputError("Say why sending is stopped.", field="reason")
    switch = SendingSwitch.objects.select_for_update().get(pk=1)
    if switch.is_on:
        switch.is_on, switch.reason, switch.changed_by = False, reason[:200], by
        switch.save(update_fields=_SWITCHED)
        raise_alert("sending_off", detail={"reason": reason[:200]})
        log.warning("sending_turned_off", reason=reason, by=getattr(by, "pk", None))
    return switch


@transaction.atomic
def turn_sending_on(*, by: Any = None) -> SendingSwitch:
    """Let mail leave again, and wake a sender. Idempotent.

    Raises ConflictError while this is a database that nobody has confirmed; see mail.identity.
    """
    switch = SendingSwitch.objects.select_for_update().get(pk=1)
    if not is_confirmed():
        raise ConflictError(UNCONFIRMED)
    if not switch.is_on:
        switch.is_on, switch.reason, switch.changed_by = True, "", by
        switch.save(update_fields=_SWITCHED)
        resolve_alert("sending_off")
        # Whoever turns it on gives a dead provider its time anew.
        resolve_alert("transport_down")
        log.warning("sending_turned_on", by=getattr(by, "pk", None))
        enqueue("emails.send_batch")
    return switch


def suppress(*, address: str, kind: str) -> Suppression:
    """Never write to this address again; only its keyed hash is kept. The first reason stays."""
    suppression, _ = Suppression.objects.get_or_create(
        digest=address_digest(address), defaults={"kind": kind}
    )
    return suppression
