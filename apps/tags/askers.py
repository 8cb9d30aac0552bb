"""Who waits for a suggested name: the apps above register how to name their rows that asked."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """One row that waits: its id, what people call it, the name of its page in the admin, whose it
    is, and which tags it carries already.
    """

    row_id: int
    title: str
    admin_url: str
    author_id: int | None = None
    tag_ids: tuple[int, ...] = ()


# For ids of suggestions, who asked for each; suggestions nobody asked for may be left out.
Asker = Callable[[Collection[int]], Mapping[int, list[Asked]]]
_askers: dict[str, Asker] = {}


def register(label: str, asker: Asker) -> None:
    """Add a kind of row, once per label ("problems"); called in AppConfig.ready."""
    _askers[label] = asker


def asked_for(suggestion_ids: Collection[int]) -> dict[int, list[Asked]]:
    """Who waits for each suggestion; one query a kind, however many suggestions."""
    found: dict[int, list[Asked]] = {suggestion_id: [] for suggestion_id in suggestion_ids}
    for asker in _askers.values():
        for suggestion_id, rows in asker(suggestion_ids).items():
            found[suggestion_id] += rows
    return found
