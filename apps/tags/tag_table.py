"""The format in which the tree travels as a table: one row a tag, its parent by name. Pure.

`read_rows(rows_of(entries))` gives back the same tree. Rows are counted as a spreadsheet does: the
first below the headings is row 2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.core.cells import guard, unguard
from apps.core.text import normalize
from apps.tags.tag_file import TagEntry

COLUMNS = ("name", "type", "parent", "slug", "aliases", "description", "featured")
REQUIRED = ("name", "type", "parent")
_FIRST_ROW = 2
_YES, _NO = {"yes", "true", "1"}, {"", "no", "false", "0"}


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says, and the rows that say nothing that could be done."""

    entries: list[TagEntry]
    refusals: list[tuple[int, str]]


def rows_of(entries: Iterable[TagEntry], *, parent: str = "") -> Iterator[list[str]]:
    """The rows of a tree, parents first; aliases stand in one cell, one a line."""
    for entry in entries:
        cells = (
            entry.name,
            entry.tag_type,
            parent,
            entry.slug,
            "\n".join(entry.aliases),
            entry.description or "",
            "yes" if entry.is_featured else "",
        )
        yield [guard(cell) for cell in cells]
        yield from rows_of(entry.children, parent=entry.name)


def wrong_columns(headings: Sequence[str]) -> str:
    """Why these are not the columns of such a table; empty when they are."""
    unknown = [heading for heading in headings if heading not in COLUMNS]
    missing = [column for column in REQUIRED if column not in headings]
    if unknown or len(set(headings)) < len(headings):
        return f"The columns are {', '.join(COLUMNS)}, each at most once."
    return f"The column “{missing[0]}” is missing." if missing else ""


def read_rows(rows: Iterable[Mapping[str, str]]) -> Table:
    """The tree that rows describe, in their order; a parent may come after its children, or be a
    tag that the table does not hold.
    """
    table = Table([], [])
    flat: dict[int, TagEntry] = {}
    for number, row in enumerate(rows, _FIRST_ROW):
        entry = _entry(number, {name: unguard(cell or "").strip() for name, cell in row.items()})
        if isinstance(entry, str):
            table.refusals.append((number, entry))
        else:
            flat[number] = entry
    below = _by_parent(flat.values())
    table.entries.extend(_nested(entry, below) for entry in below.get(None, []))
    reached = {entry.line for entry in _walk(table.entries)}
    table.refusals.extend(
        (number, "Its parents lead back to itself.") for number in flat if number not in reached
    )
    return table


def _entry(number: int, row: Mapping[str, str]) -> TagEntry | str:
    featured = row.get("featured", "").casefold()
    if not row["name"]:
        return "It has no name."
    if featured not in _YES | _NO:
        return "“featured” is yes or no."
    return TagEntry(
        line=number,
        name=row["name"],
        tag_type=row["type"].casefold().replace(" ", "_"),
        slug=row.get("slug", ""),
        aliases=tuple(filter(None, map(str.strip, row.get("aliases", "").splitlines()))),
        description=row.get("description"),
        is_featured=featured in _YES if "featured" in row else None,
        under=row["parent"],
    )


def _by_parent(entries: Iterable[TagEntry]) -> dict[str | None, list[TagEntry]]:
    """Entries by the name of the row above them; None for those whose parent has no row."""
    entries = list(entries)
    names = {normalize(name): entry for entry in entries for name in (entry.name, *entry.aliases)}
    below: dict[str | None, list[TagEntry]] = {}
    for entry in entries:
        parent = names.get(normalize(entry.under)) if entry.under else None
        below.setdefault(parent.name if parent else None, []).append(entry)
    return below


def _nested(entry: TagEntry, below: Mapping[str | None, list[TagEntry]]) -> TagEntry:
    children = tuple(
        _nested(replace(child, under=""), below) for child in below.get(entry.name, [])
    )
    return replace(entry, children=children)


def _walk(entries: Iterable[TagEntry]) -> Iterator[TagEntry]:
    for entry in entries:
        yield entry
        yield from _walk(entry.children)
