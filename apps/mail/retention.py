"""How long account mails are kept."""

from datetime import timedelta

from django.utils import timezone

from apps.core.retention import BATCH_SIZE, delete_in_batches
from apps.mail.models import OutboundMail, OutgoingStatus

KEEP = timedelta(days=30)
_FINAL = (
    OutgoingStatus.SENT,
    OutgoingStatus.FAILED,
    OutgoingStatus.CANCELLED,
    OutgoingStatus.DELIVERED,
    OutgoingStatus.BOUNCED,
    OutgoingStatus.COMPLAINED,
)


def prune_outbound_mails() -> int:
    """Delete account mails that came to an end and are older than 30 days; returns how many."""
    old = OutboundMail.objects.filter(created_at__lt=timezone.now() - KEEP, status__in=_FINAL)
    return delete_in_batches(old, batch_size=BATCH_SIZE)
