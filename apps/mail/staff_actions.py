"""What staff may do to a single mail."""

from typing import Any

import structlog
from django.db import transaction

from apps.core.errors import ConflictError
from apps.mail.models import Outgoing, OutgoingStatus
from apps.mail.outbox import registered

log = structlog.get_logger(__name__)

# Until a mail is armed it can be called off; from then on the mail server may have it.
CANCELLABLE = (OutgoingStatus.PLANNED, OutgoingStatus.CLAIMED)


@transaction.atomic
def cancel(*, row: Outgoing, by: Any) -> None:
    """Never send this mail; a challenge frees its slot and its problem, as any that is called off.

    ConflictError `not_cancellable` once it is under way or over.
    """
    outbox = next(outbox for outbox in registered() if outbox.model is type(row))
    rows = outbox.model._default_manager.filter(pk=row.pk, status__in=CANCELLABLE)
    if not outbox.call_off(rows, code="cancelled_by_staff"):
        raise ConflictError(
            "It is under way or over, and cannot be cancelled any more.", code="not_cancellable"
        )
    log.info("mail_cancelled_by_staff", outbox=outbox.name, row=row.pk, by=getattr(by, "pk", None))
