"""Everything held on a person, section by section.

Apps above register theirs in `AppConfig.ready`.
"""

from collections.abc import Callable
from typing import Any

from apps.accounts.models import User

Exporter = Callable[[User], Any]

_sections: dict[str, Exporter] = {}


def register(section: str, exporter: Exporter) -> None:
    """Add a section to every export: a function from a person to plain JSON values."""
    _sections[section] = exporter


def export(user: User) -> dict[str, Any]:
    """All sections of a person, by name."""
    return {section: exporter(user) for section, exporter in sorted(_sections.items())}
