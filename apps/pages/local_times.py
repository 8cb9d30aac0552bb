"""Instants in a reader's words."""

from datetime import datetime

from apps.core.clock import zone


def in_words(instant: datetime, timezone: str) -> str:
    """`Tuesday 3 March, 08:00` as the clocks of that zone show it.

    Done here, because Django's date filter would turn it into the zone of the server.
    """
    local = instant.astimezone(zone(timezone))
    return f"{local:%A} {local.day} {local:%B, %H:%M}"
