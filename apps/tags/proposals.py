"""Where a suggested name probably belongs. Pure: votes of the tags beside which people used it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.tags.models import MAX_LEVEL


@dataclass(frozen=True, slots=True)
class Placed:
    """A tag and where it stands."""

    pk: int
    name: str
    tag_type: str
    level: int
    parent_id: int | None


class Outline:
    """The whole tree, parents first, in memory."""

    def __init__(self, tags: Iterable[Placed]) -> None:
        self.by_id: Mapping[int, Placed] = {tag.pk: tag for tag in tags}
        self._types_below: dict[int | None, Counter[str]] = {}
        for tag in self.by_id.values():
            self._types_below.setdefault(tag.parent_id, Counter())[tag.tag_type] += 1

    def line_of(self, tag_id: int) -> list[Placed]:
        """A tag and all above it, the root first."""
        line: list[Placed] = []
        tag = self.by_id.get(tag_id)
        while tag is not None:
            line.insert(0, tag)
            tag = self.by_id.get(tag.parent_id) if tag.parent_id is not None else None
        return line

    def path(self, tag_id: int) -> str:
        """Where a tag stands, for people: Languages › Python."""
        return " › ".join(tag.name for tag in self.line_of(tag_id))

    def parent_for(self, beside: Sequence[int]) -> int | None:
        """The deepest tag at or below which more than half of these tags stand, if any.

        One tag of the sixth level is no parent; its own parent is.
        """
        votes = Counter(
            tag.pk for tag_id in beside for tag in self.line_of(tag_id) if tag.level < MAX_LEVEL
        )
        chosen = [tag_id for tag_id, count in votes.items() if 2 * count > len(beside)]
        return max(chosen, key=lambda tag_id: self.by_id[tag_id].level, default=None)

    def type_for(self, beside: Sequence[int], *, parent_id: int | None) -> str:
        """The commonest type of what stands below the parent, if it is one of these tags itself;
        else the commonest among them. Empty when nothing tells.
        """
        below = self._types_below.get(parent_id) if parent_id in beside else None
        types = below or Counter(
            self.by_id[tag_id].tag_type for tag_id in beside if tag_id in self.by_id
        )
        return types.most_common(1)[0][0] if types else ""
