"""What lists show in place of bare columns."""

from collections.abc import Mapping
from typing import Any

_DETAIL_LENGTH = 120


def one_line(detail: Mapping[str, Any]) -> str:
    """A detail's facts, one after the other, cut where a list would grow too wide."""
    line = " · ".join(f"{name}: {value}" for name, value in detail.items())
    return line if len(line) <= _DETAIL_LENGTH else f"{line[: _DETAIL_LENGTH - 1]}…"
