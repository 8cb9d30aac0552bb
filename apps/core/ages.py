"""Instants as people say them: how long ago, how soon, for how long."""

from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


def age(instant: datetime | None) -> str:
    """How long ago, or ahead, in the largest unit that fits: `3 min ago`, `in 2 h`."""
    if instant is None:
        return "never"
    seconds = int((timezone.now() - instant).total_seconds())
    words = span(abs(seconds))
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def span(seconds: int) -> str:
    """A length of time in the largest unit that fits: `45 s`, `3 min`, `2 h`, `9 d`."""
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def waiting(since: datetime | None, now: datetime) -> str:
    """How long something has been waiting; a dash when nothing is."""
    return span(max(0, int((now - since).total_seconds()))) if since else "–"


def dated_age(instant: datetime | None) -> str | SafeString:
    """The age, with the instant itself to be read when pointed at."""
    if instant is None:
        return "never"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(),
        f"{instant:%Y-%m-%d %H:%M:%S} UTC",
        age(instant),
    )
