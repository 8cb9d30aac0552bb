"""What lists show in place of bare columns: ages in words, JSON details on one line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_DETAIL_LENGTH = 120


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


def one_line(detail: Mapping[str, Any]) -> str:
    """A detail's facts, one after the other, cut where a list would grow too wide."""
    line = " · ".join(f"{name}: {value}" for name, value in detail.items())
    return line if len(line) <= _DETAIL_LENGTH else f"{line[: _DETAIL_LENGTH - 1]}…"
