"""What is tidied up at night."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from apps.accounts.attempts import forget_old_attempts
from apps.accounts.models import EmailChange, TokenFamily, User

UNVERIFIED_KEPT = timedelta(days=7)
# As long as the undo link of a change works, and long enough to answer questions about it.
_CHANGES_KEPT = timedelta(days=30)


def purge_unverified() -> int:
    """Delete the accounts nobody verified within a week; how many there were."""
    _, deleted = User.objects.unverified_since(timezone.now() - UNVERIFIED_KEPT).delete()
    return deleted.get(User._meta.label, 0)


def flush_expired() -> None:
    """Delete what only mattered for a while: tokens, sign-ins, counters, address changes."""
    now = timezone.now()
    call_command("flushexpiredtokens")
    TokenFamily.objects.filter(expires_at__lt=now).delete()
    EmailChange.objects.filter(requested_at__lt=now - _CHANGES_KEPT).delete()
    forget_old_attempts()
