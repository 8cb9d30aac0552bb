"""Mail's doorway for Celery."""

from celery import shared_task

from apps.mail.copies import send_copy
from apps.mail.retention import prune_outbound_mails
from apps.mail.sending import send_due


@shared_task(name="emails.send_batch", time_limit=240, soft_time_limit=210, autoretry_for=())
def send_batch() -> dict[str, int]:
    """Send what is due now. Rows carry their own retries, so the task has none."""
    return send_due()


# Taken from the broker before it runs: a worker that dies loses the mail rather than repeat it.
@shared_task(
    name="emails.send_test_mail",
    time_limit=200,
    soft_time_limit=170,
    autoretry_for=(),
    acks_late=False,
)
def send_test_mail(outbox: str, row_id: int, recipient: str) -> str:
    """Send somebody of the staff a copy of a mail, once."""
    return send_copy(outbox_name=outbox, row_id=row_id, recipient=recipient)


@shared_task(name="default.prune_outbound_mails")
def prune_mails() -> int:
    """Delete account mails that have been kept long enough."""
    return prune_outbound_mails()
