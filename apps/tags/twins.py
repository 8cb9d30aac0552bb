"""Which tags a suggested name probably means already. Pure: rules of spelling, no database.

A curator decides; this only has to bring the right tag close to the hand, so a wrong guess costs
a glance and a missing one costs a second tag for the same thing.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from apps.core.text import normalize, slugify

SHOWN_AT_MOST = 3
# Below these, short and unrelated names look alike: Redis and Redux, MySQL and NoSQL.
_ALIKE_FROM = 82
_SHORTEST_ALIKE = 5
_SHORTEST_PART_OF_LONGEST = 0.6
_ENDINGS = re.compile(r"(?<=..)(js|lang)$|(?<=....)s$|(?<=...)\d+$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a tag: its own or another one."""

    text: str
    tag_id: int


class Spellings:
    """All names of all tags, ready to be compared with."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._by_key: dict[str, list[Name]] = {}
        self._by_short: dict[str, list[Name]] = {}
        self._by_base: dict[str, list[Name]] = {}
        for name in names:
            base = _base(name.text)
            self._by_base.setdefault(base, []).append(name)
            for key in _keys(base):
                self._by_key.setdefault(key, []).append(name)
            for short in _short_forms(name.text):
                self._by_short.setdefault(short, []).append(name)
        self._bases = sorted(self._by_base)

    def twins_of(self, text: str) -> list[Name]:
        """The names that most probably mean the same, one for each tag, the likeliest first."""
        base = _base(text)
        found = [name for key in sorted(_keys(base)) for name in self._by_key.get(key, [])]
        found += self._by_short.get(base, [])
        found += [name for s in _short_forms(text) for name in self._by_base.get(s, [])]
        found += [name for other in self._alike(base) for name in self._by_base[other]]
        by_tag: dict[int, Name] = {}
        for name in found:
            by_tag.setdefault(name.tag_id, name)
        return list(by_tag.values())[:SHOWN_AT_MOST]

    def _alike(self, base: str) -> Iterator[str]:
        """Other bases that are spelled nearly so, or that one of the two only begins."""
        if len(base) < _SHORTEST_ALIKE:
            return
        near = process.extract(
            base, self._bases, scorer=fuzz.ratio, score_cutoff=_ALIKE_FROM, limit=SHOWN_AT_MOST
        )
        yield from (other for other, _, _ in near if len(other) >= _SHORTEST_ALIKE)
        shortest = max(_SHORTEST_ALIKE, round(len(base) * _SHORTEST_PART_OF_LONGEST))
        beginnings = (base[:length] for length in range(len(base) - 1, shortest - 1, -1))
        yield from (beginning for beginning in beginnings if beginning in self._by_base)
        longest = len(base) / _SHORTEST_PART_OF_LONGEST
        for position in range(bisect_left(self._bases, base), len(self._bases)):
            other = self._bases[position]
            if not other.startswith(base):
                return
            if len(other) <= longest:
                yield other


def _base(text: str) -> str:
    """The letters and digits alone: Postgre-SQL and postgre sql are the same."""
    return slugify(text).replace("-", "") or normalize(text).replace(" ", "")


def _keys(base: str) -> set[str]:
    """The base itself, and without what people leave away: React.js, Golang, microservices."""
    keys = {base}
    while (shorter := _ENDINGS.sub("", base)) != base:
        keys.add(shorter)
        base = shorter
    return keys


def _short_forms(text: str) -> set[str]:
    """How people abbreviate it: continuous integration, CI; Kubernetes, K8s; JavaScript, JS."""
    words = slugify(text).split("-")
    if len(words) > 1:
        return {"".join(word[0] for word in words)}
    (word,) = words
    if len(word) <= _SHORTEST_ALIKE:
        return set()
    capitals = "".join(character for character in text if character.isupper()).casefold()
    return {f"{word[0]}{len(word) - 2}{word[-1]}"} | ({capitals} if len(capitals) > 1 else set())
