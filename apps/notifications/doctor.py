"""What doctor looks at in notifications: whether the busiest hour's mail fits into that hour."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone

from apps.core.doctor import Finding, ok, warn
from apps.notifications.models import Subscription

HOUR_S = 3600
# The solution of the day before leaves at the same hour.
MAILS_A_DAY = 2


def check_rate() -> Iterator[Finding]:
    """The limits of sending against the audience of the next day."""
    now = timezone.now()
    hours = list(
        Subscription.objects.active()
        .filter(next_delivery_at__lt=now + timedelta(days=1))
        .order_by()
        .annotate(hour=TruncHour("next_delivery_at"))
        .values("hour")
        .annotate(count=Count("id"))
    )
    busiest = MAILS_A_DAY * max((row["count"] for row in hours), default=0)
    day = MAILS_A_DAY * sum(row["count"] for row in hours)
    yield from _against("an hour", busiest, settings.EMAIL_MAX_PER_SECOND * HOUR_S, "per_second")
    yield from _against("a day", day, settings.EMAIL_MAX_PER_DAY, "per_day")
    yield ok("audience", f"at most {day} mails in the next day, {busiest} in the busiest hour.")


def _against(span: str, wanted: int, limit: int, name: str) -> Iterator[Finding]:
    if limit and wanted > limit:
        words = f"{wanted} mails want to leave in {span} that lets {limit} through."
        yield warn("audience", words, f"Raise EMAIL_MAX_{name.upper()}; the rest will be late.")
