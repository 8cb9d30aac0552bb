"""Mail's doorway for Celery."""

from celery import shared_task

from apps.mail.retention import prune_outbound_mails
from apps.mail.sending import send_due


@shared_task(name="emails.send_batch", time_limit=240, soft_time_limit=210, autoretry_for=())
def send_batch() -> dict[str, int]:
    """Send what is due now. Rows carry their own retries, so the task has none."""
    return send_due()


@shared_task(name="default.prune_outbound_mails")
def prune_mails() -> int:
    """Delete account mails that have been kept long enough."""
    return prune_outbound_mails()
