"""The kernel's doorways for Celery: one sign of life for each queue."""

from celery import shared_task

from apps.core.services import record_heartbeat


@shared_task(name="emails.record_heartbeat")
def record_emails_heartbeat() -> None:
    """The queue `emails` is served."""
    record_heartbeat("queue.emails")


@shared_task(name="content.record_heartbeat")
def record_content_heartbeat() -> None:
    """The queue `content` is served."""
    record_heartbeat("queue.content")


@shared_task(name="default.record_heartbeat")
def record_default_heartbeat() -> None:
    """The queue `default` is served."""
    record_heartbeat("queue.default")
