"""Accounts' doorways for Celery: what is tidied up at night."""

from celery import shared_task

from apps.accounts.services import flush_expired, purge_unverified


@shared_task(name="default.purge_unverified_accounts")
def purge_unverified_accounts() -> int:
    """Delete accounts that nobody verified within a week."""
    return purge_unverified()


@shared_task(name="default.flush_expired_tokens")
def flush_expired_tokens() -> None:
    """Delete refresh tokens, sign-ins and the like that have expired, spent or not."""
    flush_expired()
