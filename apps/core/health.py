"""How the platform is doing: which of its parts answer, and which have been silent for too long."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import structlog
from celery import current_app
from django.core.cache import cache as shared_cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.models import Heartbeat

log = structlog.get_logger(__name__)

Status = Literal["ok", "degraded", "down"]

# Everything beats every 30 seconds.
SILENT_AFTER = timedelta(seconds=90)
# Without one of these no challenge leaves.
VITAL = ("beat", "planner", "sender")
QUEUES = ("queue.emails", "queue.content", "queue.default")
_BROKER_TIMEOUT_S = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One component; `detail` is for those who run the platform."""

    name: str
    status: Status
    detail: dict[str, Any] = field(default_factory=dict)


@cache
def _wanted_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def why_not_ready() -> str:
    """What keeps this web process from serving, in plain words; empty when nothing does."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        log.warning("database_unavailable", error=str(error).strip())
        return "The database cannot be reached."
    if _wanted_migrations() - applied.keys():
        return "The database waits for migrations."
    return ""


def check_all() -> list[Check]:
    """Every component and heartbeat. One that cannot be asked is down."""
    reason = why_not_ready()
    database = Check("database", "down" if reason else "ok", {"reason": reason} if reason else {})
    checks = [database, _cache(), _broker()]
    return checks + (_silent_all() if reason else _heartbeats())


def overall(checks: list[Check]) -> Status:
    """Down when nothing can be sent, degraded when something else is wrong."""
    failing = {check.name for check in checks if check.status != "ok"}
    if not failing:
        return "ok"
    return "down" if failing & {"database", *VITAL} else "degraded"


def _cache() -> Check:
    shared_cache.get("health")
    is_away = bool(getattr(shared_cache, "is_away", lambda: False)())
    return Check("cache", "degraded" if is_away else "ok")


def _broker() -> Check:
    try:
        with current_app.connection_for_write(connect_timeout=_BROKER_TIMEOUT_S) as broker:
            broker.ensure_connection(max_retries=1, timeout=_BROKER_TIMEOUT_S, interval_start=0)
    except (OperationalError, OSError) as error:
        return Check("broker", "down", {"error": str(error)})
    return Check("broker", "ok")


def _heartbeats() -> list[Check]:
    now = timezone.now()
    beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    return [_heartbeat(name, beats.get(name), now) for name in (*VITAL, *QUEUES)]


def _heartbeat(name: str, beat: Heartbeat | None, now: datetime) -> Check:
    if beat is None:
        return Check(name, "down", {"beat_at": None})
    age = now - beat.beat_at
    detail = {"beat_at": beat.beat_at, "age_s": int(age.total_seconds()), **beat.detail}
    return Check(name, "down" if age > SILENT_AFTER else "ok", detail)


def _silent_all() -> list[Check]:
    return [Check(name, "down", {"reason": "unknown"}) for name in (*VITAL, *QUEUES)]
