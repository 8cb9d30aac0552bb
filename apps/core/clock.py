"""The only zone arithmetic: which zones exist, and how a local date and time becomes an instant.

Pure: no database, no present moment. Days and slots of subscribers are decided in
notifications.clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

_NOT_OFFERED = {"Factory", "localtime"}
_NOON = time(12)


@cache
def zone_names() -> frozenset[str]:
    """The accepted IANA names, case-sensitive. Source: the tzdata package."""
    return frozenset(available_timezones() - _NOT_OFFERED)


def is_zone(name: object) -> bool:
    """Whether `name` is exactly one of the accepted zone names."""
    return isinstance(name, str) and name in zone_names()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of an accepted name; ValueError for any other."""
    if not is_zone(name):
        raise ValueError(f"unknown time zone: {name!r}")
    return ZoneInfo(name)


def local_to_utc(day: date, at: time, zone_name: str) -> datetime:
    """The UTC instant of a local time.

    In a gap it moves later by the gap; in an overlap it is the first of the two.
    """
    local = datetime.combine(day, at.replace(fold=0), zone(zone_name))
    return local.astimezone(UTC)


def utc_to_local_date(instant: datetime, zone_name: str) -> date:
    """The calendar day that an instant falls on in a zone."""
    return instant.astimezone(zone(zone_name)).date()


def date_exists(day: date, zone_name: str) -> bool:
    """Whether a zone ever had this day: its noon round-trips through UTC (Samoa skipped
    2011-12-30).
    """
    return utc_to_local_date(local_to_utc(day, _NOON, zone_name), zone_name) == day


def utc_offset(instant: datetime, zone_name: str) -> timedelta:
    """The zone's offset from UTC at an instant."""
    offset = instant.astimezone(zone(zone_name)).utcoffset()
    assert offset is not None
    return offset
