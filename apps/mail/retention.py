"""How long account mails are kept: deletes in batches, so that no lock is held for long."""

from datetime import timedelta

from django.utils import timezone

from apps.mail.models import OutboundMail, OutgoingStatus

KEEP = timedelta(days=30)
BATCH_SIZE = 5000
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
    pruned = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH_SIZE]):
        pruned += OutboundMail.objects.filter(id__in=ids).delete()[0]
    return pruned
