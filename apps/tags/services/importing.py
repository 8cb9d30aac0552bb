"""Bringing the tree to what a file says: adds and changes, never deletes. All or nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction

from apps.core.errors import DomainError
from apps.core.text import normalize
from apps.tags.events import tree_changed
from apps.tags.models import Tag, TagName, TagNameKind
from apps.tags.selectors import resolve
from apps.tags.services.tags import change_tag, insert_tag, move_tag
from apps.tags.tag_file import TagEntry
from apps.tags.tree import tree_lock


@dataclass(slots=True)
class ImportedTags:
    """What an import did, or would do: sentences in the order of the file, and what it was refused
    for. `added` and `changed` tell the same by line.
    """

    changes: list[str] = field(default_factory=list)
    added: dict[int, str] = field(default_factory=dict)
    changed: dict[int, str] = field(default_factory=dict)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    unchanged_count: int = 0


def import_tags(
    entries: Iterable[TagEntry],
    *,
    new_only: bool = False,
    counted: Callable[[], None] = lambda: None,
) -> ImportedTags:
    """Create what is missing and change what differs; nothing at all when anything is refused.

    A tag is known by any of its names. Aliases are added, none is taken away; a tag moves to the
    end of the parent that the file gives it. With `new_only` known tags stay exactly as curators
    left them. `counted` is called after each tag. What is as the file says costs no statement.
    """
    entries = list(entries)
    report = ImportedTags(refusals=_repeated_names(entries))
    with tree_lock():
        _Import(report, new_only=new_only, counted=counted).run(entries)
        if report.refusals:
            transaction.set_rollback(True)
    return report


class _Import:
    """One run: what is known by name, what was added."""

    def __init__(
        self, report: ImportedTags, *, new_only: bool, counted: Callable[[], None]
    ) -> None:
        self.report = report
        self.new_only = new_only
        self.counted = counted
        self.known: dict[str, Tag] = {}
        self.aliases: dict[int, list[str]] = {}
        self.added: set[int] = set()

    def run(self, entries: list[TagEntry]) -> None:
        names = [name for entry in _walk(entries) for name in (entry.name, entry.under) if name]
        self.known = resolve(names)
        self.aliases = _aliases_of({tag.pk for tag in self.known.values()})
        for entry in entries:
            parent = self.known.get(normalize(entry.under))
            if entry.under and parent is None:
                self.report.refusals.append((entry.line, f"There is no tag “{entry.under}”."))
            else:
                self._take(entry, parent=parent)
        if self.added:
            tree_changed.send(Tag, tag_ids=self.added)

    def _take(self, entry: TagEntry, *, parent: Tag | None) -> None:
        if any(line == entry.line for line, _ in self.report.refusals):
            return
        try:
            tag = self._bring(entry, parent)
        except DomainError as error:
            # What hangs below it is not looked at: it would be refused for its parent alone.
            self.report.refusals.append((entry.line, error.detail))
            return
        self.counted()
        for child in entry.children:
            self._take(child, parent=tag)

    def _bring(self, entry: TagEntry, parent: Tag | None) -> Tag:
        tag = self.known.get(normalize(entry.name))
        if tag is None:
            return self._add(entry, parent)
        if self.new_only:
            self.report.unchanged_count += 1
            return tag
        changed = [*_edit(tag, entry, self.aliases[tag.pk]), *_move(tag, parent)]
        if changed:
            self.report.changed[entry.line] = ", ".join(changed)
            self.report.changes.append(f"changed {tag.name}: {', '.join(changed)}")
        else:
            self.report.unchanged_count += 1
        return tag

    def _add(self, entry: TagEntry, parent: Tag | None) -> Tag:
        tag = insert_tag(
            name=entry.name,
            tag_type=entry.tag_type,
            parent_id=parent.pk if parent else None,
            description=entry.description or "",
            is_featured=bool(entry.is_featured),
            aliases=entry.aliases,
            slug=entry.slug,
        )
        self.added.add(tag.pk)
        self.report.added[entry.line] = f"under {parent.name}" if parent else "at the top"
        self.report.changes.append(
            f"added {tag.name}" + (f" under {parent.name}" if parent else "")
        )
        return tag


def _aliases_of(tag_ids: Collection[int]) -> dict[int, list[str]]:
    aliases: dict[int, list[str]] = defaultdict(list)
    rows = TagName.objects.filter(tag__in=tag_ids, kind=TagNameKind.ALIAS).order_by("id")
    for tag_id, name in rows.values_list("tag", "name"):
        aliases[tag_id].append(name)
    return aliases


def _edit(tag: Tag, entry: TagEntry, aliases: list[str]) -> list[str]:
    # Another spelling of its own name is taken over; an alias leaves the name alone.
    name = entry.name if normalize(entry.name) == normalize(tag.name) else tag.name
    missing = _missing(entry.aliases, aliases)
    description = tag.description if entry.description is None else entry.description
    is_featured = tag.is_featured if entry.is_featured is None else entry.is_featured
    told = (name, entry.tag_type, description, is_featured)
    if told == (tag.name, tag.tag_type, tag.description, tag.is_featured) and not missing:
        return []
    after = change_tag(
        tag_id=tag.pk,
        name=name,
        tag_type=entry.tag_type,
        description=description,
        is_featured=is_featured,
        aliases=[*aliases, *missing],
    )
    fields = ("name", "tag_type", "description", "is_featured")
    changed = [field for field in fields if getattr(tag, field) != getattr(after, field)]
    now = after.names.filter(kind=TagNameKind.ALIAS).values_list("name", flat=True)
    return changed + (["aliases"] if set(now) != set(aliases) else [])


def _missing(wanted: Iterable[str], present: Iterable[str]) -> list[str]:
    known = {normalize(name) for name in present}
    return [name for name in wanted if normalize(name) not in known]


def _move(tag: Tag, parent: Tag | None) -> list[str]:
    parent_id = parent.pk if parent else None
    if tag.parent_id == parent_id:
        return []
    move_tag(tag_id=tag.pk, parent_id=parent_id)
    return [f"moved under {parent.name}" if parent else "moved among the roots"]


def _walk(entries: Iterable[TagEntry]) -> Iterator[TagEntry]:
    for entry in entries:
        yield entry
        yield from _walk(entry.children)


def _repeated_names(entries: Iterable[TagEntry]) -> list[tuple[int, str]]:
    """A name or alias that the file itself gives to two tags, or a name that comes twice."""
    first: dict[str, TagEntry] = {}
    repeated = []
    for entry in _walk(entries):
        for name in dict.fromkeys(normalize(name) for name in (entry.name, *entry.aliases)):
            holder = first.setdefault(name, entry)
            if holder is not entry:
                repeated.append(
                    (entry.line, f"“{name}” names “{holder.name}” in line {holder.line} already")
                )
    return repeated
