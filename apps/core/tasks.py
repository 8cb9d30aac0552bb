"""The kernel's doorways for Celery: one sign of life for each queue, and old versions of rows."""

from celery import shared_task

from apps.core.history import prune_history
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


@shared_task(name="default.prune_history")
def prune_versions() -> int:
    """Nightly: delete versions of rows that have been kept long enough. How many there were."""
    return prune_history()
