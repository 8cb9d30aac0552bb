"""What is tidied up at night."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from apps.accounts import lockout
from apps.accounts.attempts import forget_old_attempts
from apps.accounts.models import EmailChange, TokenFamily, User
from apps.core.retention import delete_in_batches

UNVERIFIED_KEPT = timedelta(days=7)
# As long as the undo link of a change works, and long enough to answer questions about it.
_CHANGES_KEPT = timedelta(days=30)


def purge_unverified() -> int:
    """Delete the accounts nobody verified within a week; how many there were."""
    return delete_in_batches(User.objects.unverified_since(timezone.now() - UNVERIFIED_KEPT))


def flush_expired() -> None:
    """Delete what only mattered for a while: tokens, sign-ins, failed ones, counters, address
    changes.
    """
    now = timezone.now()
    call_command("flushexpiredtokens")
    delete_in_batches(TokenFamily.objects.filter(expires_at__lt=now))
    delete_in_batches(EmailChange.objects.filter(requested_at__lt=now - _CHANGES_KEPT))
    forget_old_attempts()
    lockout.prune_records()
