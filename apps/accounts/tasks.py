"""Accounts' doorways for Celery: what is tidied up at night."""

from celery import shared_task
from django.core.management import call_command

from apps.accounts.services import purge_unverified


@shared_task(name="default.purge_unverified_accounts")
def purge_unverified_accounts() -> int:
    """Delete accounts that nobody verified within a week."""
    return purge_unverified()


@shared_task(name="default.flush_expired_tokens")
def flush_expired_tokens() -> None:
    """Delete refresh tokens that have expired, spent or not; simplejwt's own command does it."""
    call_command("flushexpiredtokens")
