"""Counts sign-ins and mails asked for per address, in the database: also while Redis is away."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.models import AttemptCounter, AttemptPurpose
from apps.core.errors import RateLimitedError
from apps.mail.message import address_digest

_COUNT = """
    INSERT INTO accounts_attemptcounter AS counter
        (purpose, digest, window_started_at, attempt_count)
    VALUES (%(purpose)s, %(digest)s, %(now)s, 1)
    ON CONFLICT (purpose, digest) DO UPDATE SET
        attempt_count = CASE WHEN counter.window_started_at <= %(window_start)s THEN 1
                             ELSE least(counter.attempt_count + 1, 1000000) END,
        window_started_at = CASE WHEN counter.window_started_at <= %(window_start)s THEN %(now)s
                                 ELSE counter.window_started_at END
    RETURNING attempt_count, window_started_at
"""


def count_attempt(purpose: AttemptPurpose, email: str) -> None:
    """Count one attempt for an address. RateLimitedError when its share of the window is used up.

    Commits on its own, outside any transaction of the attempt itself: a failed attempt counts too.
    """
    limit, window_s = settings.ACCOUNT_LIMITS[purpose]
    now = timezone.now()
    values: dict[str, str | datetime] = {
        "purpose": purpose,
        "digest": address_digest(email),
        "now": now,
        "window_start": now - timedelta(seconds=window_s),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        count, started_at = cursor.fetchone()
    if count > limit:
        left = started_at + timedelta(seconds=window_s) - now
        raise RateLimitedError(
            "Too many attempts for this address. Wait a moment, then try again.",
            retry_after_s=int(left.total_seconds()) + 1,
        )


def forget_old_attempts() -> int:
    """Delete counters whose window is long over; how many there were."""
    return AttemptCounter.objects.filter(
        window_started_at__lt=timezone.now() - timedelta(days=1)
    ).delete()[0]
