"""Looks at whether the work gets done: beat, planner, sender, a worker for each queue, alerts."""

from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from apps.core.beat import LOCK_KEY
from apps.core.doctor.registry import Finding, fail, ok, warn
from apps.core.health import QUEUES, SILENT_AFTER, VITAL
from apps.core.models import Alert, Heartbeat

_TODO = {
    "beat": "Start a beat.",
    "planner": "Start a worker of the queue default; is the schedule enabled in the admin?",
    "sender": "Start a worker of the queue emails; is the schedule enabled in the admin?",
}


def check_signs_of_life() -> Iterator[Finding]:
    """Every component, and a worker for every queue."""
    now = timezone.now()
    beats = dict(Heartbeat.objects.values_list("name", "beat_at"))
    for name in (*VITAL, *QUEUES):
        todo = _TODO.get(name) or f"Start a worker of the {name.replace('.', ' ')}."
        beat_at = beats.get(name)
        if beat_at is None:
            yield fail(name, "has never given a sign of life.", todo)
        elif now - beat_at > SILENT_AFTER:
            yield fail(name, f"has been silent for {int((now - beat_at).total_seconds())} s.", todo)
        else:
            yield ok(name, "alive.")


def check_leader() -> Iterator[Finding]:
    """Whether exactly one beat holds the lock that it leads by."""
    with connection.cursor() as cursor:
        # How PostgreSQL shows a lock on one 64-bit key.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND classid = %s AND objid = %s AND objsubid = 1",
            [LOCK_KEY >> 32, LOCK_KEY & 0xFFFFFFFF],
        )
        count = cursor.fetchone()[0]
    if count:
        yield ok("leader", "one beat leads.")
    else:
        words = "no beat leads, so nothing is planned or sent."
        yield fail("leader", words, "Start a beat; behind a pooler set DATABASE_DIRECT_URL.")


def check_alerts() -> Iterator[Finding]:
    """What the platform itself wants somebody to look at."""
    found = Alert.objects.open().order_by("kind").values_list("kind", flat=True)
    kinds = sorted(set(found))
    if kinds:
        words = f"{len(found)} open: {', '.join(kinds)}."
        yield warn("alerts", words, "Look at them in the admin.")
    else:
        yield ok("alerts", "none is open.")
