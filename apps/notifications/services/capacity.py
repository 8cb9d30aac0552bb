"""Whether the mail of the coming hour can leave within it, by the limits that are set."""

from datetime import datetime, timedelta

from apps.core.services import raise_alert, resolve_alert
from apps.mail.pace import allowance
from apps.mail.queue_state import waiting_by
from apps.notifications.models import Subscription

HOUR = timedelta(hours=1)


def warn_of_full_hour(now: datetime) -> None:
    """Keep the alert `hour_too_full` open while what is due by the end of the next hour cannot
    leave by then. Without a limit it asks nothing.
    """
    end = now + HOUR
    fits = allowance(now, end)
    due = 0 if fits is None else _due_by(end, now)
    if fits is not None and due > fits:
        raise_alert("hour_too_full", detail={"due": due, "fits": fits, "late": due - fits})
    else:
        resolve_alert("hour_too_full")


def _due_by(end: datetime, now: datetime) -> int:
    """Challenges still to be planned, and whatever waits in an outbox. What has become stale waits
    for its reader's next hour, and is counted there.
    """
    return waiting_by(end, now) + Subscription.objects.due(end).count()
