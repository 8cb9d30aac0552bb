"""The scheduler of beat: of any number of beats exactly one leads, held by an advisory lock.

The lock lives on a connection of its own. When that breaks, leadership is dropped at once and the
schedule read again, so that two beats never send the same entry for longer than it takes to notice.
"""

import time
from typing import Any

import psycopg2
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db import connection as django_connection
from django_celery_beat.schedulers import DatabaseScheduler

from apps.core.liveness import sign
from apps.core.services import record_heartbeat

log = structlog.get_logger(__name__)

# Any constant will do, as long as nothing else takes it.
LOCK_KEY = 0x6461696C79
FOLLOWER_WAIT_S = 5.0
HEARTBEAT_EVERY_S = 10.0


class LeaderLock:
    """A session-level advisory lock on its own autocommit connection."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._is_held = False

    def hold(self) -> bool:
        """Whether we lead now: take the lock if nobody has it, and check that the connection still
        lives.
        """
        try:
            return self._check() if self._is_held else self._take()
        except psycopg2.Error as error:
            log.warning("beat_leadership_lost", error=str(error).strip())
            self.drop()
            return False

    def drop(self) -> None:
        """Let go, also of a broken connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_held = None, False

    def _check(self) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True

    def _take(self) -> bool:
        if self._connection is None:
            self._connection = _direct_connection()
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
            self._is_held = cursor.fetchone()[0]
        if self._is_held:
            log.info("beat_leads")
        return self._is_held


class LeaderScheduler(DatabaseScheduler):
    """django-celery-beat's scheduler, which ticks only while it leads."""

    # Seconds. Otherwise the admin says for three minutes that a task has never run.
    sync_every = 30

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock = LeaderLock()
        self._led = False
        self._beat_at = float("-inf")
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Read the table; entries come from `manage.py sync_schedules` alone, never from the Celery
        app.
        """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        sign("beat")
        if not self._lock.hold():
            self._led = False
            return FOLLOWER_WAIT_S
        if not self._led:
            self._led = True
            self._initial_read = True
            self._heap = None
        self._record_heartbeat()
        return float(super().tick(*args, **kwargs))

    def _record_heartbeat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at < HEARTBEAT_EVERY_S:
            return
        try:
            record_heartbeat("beat")
            self._beat_at = now
        except (DatabaseError, InterfaceError) as error:
            log.warning("beat_heartbeat_not_recorded", error=str(error).strip())
            close_old_connections()

    def close(self) -> None:
        super().close()
        self._lock.drop()


def _direct_connection() -> Any:
    """A connection past any pooler, where a session-level lock means something."""
    if settings.DATABASE_DIRECT_URL:
        connection = psycopg2.connect(settings.DATABASE_DIRECT_URL, connect_timeout=5)
    else:
        connection = psycopg2.connect(
            **django_connection.get_connection_params() | {"cursor_factory": None}
        )
    connection.autocommit = True
    return connection
