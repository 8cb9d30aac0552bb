"""Who points at tags: the apps above register here how to count, merge and give back their rows.

Everything is called inside the tags transaction, under the tree lock.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind of row that points at tags.

    `label` is its plural for people ("problems").
    `count(tag_ids)` gives how many point at each tag itself; tags without any may be left out.
    `merge(tag_id, into_id)` moves them and returns what `undo` will need, as plain JSON.
    `undo(tag_id, into_id, record)` puts back exactly what was moved, or raises ConflictError naming
    what stands in the way.
    """

    label: str
    count: Callable[[Collection[int]], Mapping[int, int]]
    merge: Callable[[int, int], Any]
    undo: Callable[[int, int, Any], None]


_by_label: dict[str, Reference] = {}


def register(reference: Reference) -> None:
    """Add a kind of row, once per label; called in AppConfig.ready."""
    _by_label[reference.label] = reference


def registered() -> list[Reference]:
    """All of them, in the order of registration: lower apps first."""
    return list(_by_label.values())


def uses(tag_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """What points at each of these tags, by label; one query a kind, however many tags."""
    found: dict[int, dict[str, int]] = {tag_id: {} for tag_id in tag_ids}
    for reference in registered():
        for tag_id, count in reference.count(tag_ids).items():
            if count:
                found[tag_id][reference.label] = count
    return found
