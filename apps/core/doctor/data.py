"""Looks at what everything rests on: settings, database, clock, zones, broker, cache, files."""

import os
import re
import sysconfig
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
import tzdata
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import connection
from django.utils import timezone

from apps.core.clock import zone_names
from apps.core.doctor.registry import Finding, fail, ok, warn
from apps.core.health import why_not_ready

OLDEST_POSTGRESQL = 180000
CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 30.0
BROKER_TIMEOUT_S = 2
# Where this machine keeps its own zone data, which we do not use.
SYSTEM_ZONES = (sysconfig.get_config_var("TZPATH") or "").split(os.pathsep)


def check_settings() -> Iterator[Finding]:
    """Secrets and switches that start, but should not be so in production."""
    about = "settings"
    if settings.DEMO:
        yield warn(about, "DEMO is on.", "Turn it off where anybody but you can reach the site.")
    if settings.DEBUG:
        yield fail(about, "DEBUG is on and shows our insides.", "Unset DEBUG.")
    if settings.SECRET_KEY == settings.JWT_SIGNING_KEY:
        yield fail(about, "SECRET_KEY and JWT_SIGNING_KEY are the same.", "Give each its own.")
    if count := len(settings.SECRET_KEY_FALLBACKS):
        yield ok(about, f"links signed with {count} earlier SECRET_KEY still work.")
    if not settings.METRICS_TOKEN:
        yield warn(about, "There is no METRICS_TOKEN, so nobody watches.", "Set it; see ops/.")
    if not settings.SITE_URL.startswith("https://") and not settings.DEMO:
        yield fail(about, "SITE_URL has no TLS; sign-ins can be read.", "Use https.")
    yield ok(about, f"the site is {settings.SITE_URL}.")


def check_database() -> Iterator[Finding]:
    """Whether it answers, is up to date, and reads text as we do."""
    if reason := why_not_ready():
        yield fail("database", reason, "Start it, or run manage.py migrate.")
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
            "current_setting('server_encoding'), 'É' < 'é'"
        )
        number, version, encoding, is_by_code_point = cursor.fetchone()
    if number < OLDEST_POSTGRESQL:
        words = f"PostgreSQL {version} is older than what is tested."
        yield warn("database", words, "Upgrade to PostgreSQL 18.")
    if encoding != "UTF8" or not is_by_code_point:
        words = f"the encoding is {encoding}, or its order is not that of C.UTF-8."
        yield fail("database", words, "Restore into one made with --locale=C.UTF-8.")
    yield ok("database", f"PostgreSQL {version} answers; every migration is applied.")


def check_clock() -> Iterator[Finding]:
    """This machine's clock against the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart_s = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    words = f"{apart_s:.1f} s apart from the database's."
    if apart_s > CLOCK_FAIL_S:
        yield fail("clock", words, "Run an NTP client on both machines.")
    elif apart_s > CLOCK_WARN_S:
        yield warn("clock", words, "Run an NTP client on both machines.")
    else:
        yield ok("clock", words)


def check_zones() -> Iterator[Finding]:
    """Whether local times are reckoned by the pinned zone data, and whether those are old."""
    system, pinned = _system_zone_version(), tzdata.IANA_VERSION
    words = f"{len(zone_names())} zones of the pinned tzdata {pinned}"
    if zoneinfo.TZPATH:
        words = f"zone data of {zoneinfo.TZPATH[0]} go before the pinned tzdata {pinned}."
        yield fail("zones", words, "Start it by way of config, which sets that right.")
    elif system > pinned:
        todo = "Pin a newer tzdata (make lock)."
        yield warn("zones", f"{words}; the system has {system} already.", todo)
    else:
        yield ok("zones", f"{words}.")


def _system_zone_version() -> str:
    for folder in SYSTEM_ZONES:
        path = Path(folder, "tzdata.zi")
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                found = re.match(r"# version (\S+)", file.readline())
            return found[1] if found else ""
    return ""


def check_broker() -> Iterator[Finding]:
    """Whether the queue survives a restart and refuses rather than forgets."""
    try:
        info = _info(settings.BROKER_URL)
    except (redis.RedisError, OSError) as error:
        yield fail("broker", f"does not answer ({error}).", "Start it, or correct BROKER_URL.")
        return
    policy = info.get("maxmemory_policy")
    if policy != "noeviction":
        words = f"evicts messages when it is full ({policy})."
        yield fail("broker", words, "Set maxmemory-policy noeviction.")
    if not info.get("aof_enabled"):
        words = "forgets its messages when it restarts. The ledger repeats them, but late."
        yield warn("broker", words, "Set appendonly yes.")
    yield ok("broker", f"{_name(info)} answers.")


def check_cache() -> Iterator[Finding]:
    """Whether it answers, evicts, and is another server than the queue's."""
    try:
        info = _info(settings.CACHE_URL)
    except (redis.RedisError, OSError) as error:
        words = f"does not answer ({error}); each process counts rate limits for itself."
        yield warn("cache", words, "Start it, or correct CACHE_URL.")
        return
    if _place(settings.CACHE_URL) == _place(settings.BROKER_URL):
        words = "shares a server with the queue, which a full cache would stop."
        yield warn("cache", words, "Give the cache its own with CACHE_URL.")
    elif not str(info.get("maxmemory_policy")).startswith("allkeys-"):
        words = "does not evict; when it is full, nothing new is kept."
        yield warn("cache", words, "Set maxmemory and maxmemory-policy allkeys-lru.")
    yield ok("cache", f"{_name(info)} answers.")


def _info(url: str) -> dict[str, Any]:
    with redis.Redis.from_url(
        url, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S
    ) as client:
        found: dict[str, Any] = client.info()
        return found


def _name(info: dict[str, Any]) -> str:
    version = info.get("valkey_version")
    return f"Valkey {version}" if version else f"Redis {info.get('redis_version')}"


def _place(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or 6379


def check_static_files() -> Iterator[Finding]:
    """Whether they were collected; without them the admin is a page of plain text."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        yield ok("static files", "served as they lie, as is right for a look.")
    elif not staticfiles_storage.read_manifest():
        yield fail("static files", "were not collected.", "Run manage.py collectstatic.")
    else:
        count = len(staticfiles_storage.hashed_files)
        yield ok("static files", f"{count} collected under hashed names.")
