"""Looking tags up: by any of their names, by id or slug, with everything below; and whether the
tree is one.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.models import Max, Q

from apps.core.errors import ConflictError, NotFoundError
from apps.core.text import normalize
from apps.tags import references
from apps.tags.models import MAX_LEVEL, Tag, TagName, TagNameKind, TagSuggestion
from apps.tags.names import ALIASES_AT_MOST, TAG_SLUGS
from apps.tags.tag_file import TagEntry

# What PostgreSQL cannot even compare with.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
EXPECTED_TREE = (Path(__file__).parent / "expected_tree.sql").read_text()
_MISPLACED = f"""SELECT tag.id, tag.name,
                       CASE WHEN expected.id IS NULL THEN 'no root leads to it'
                            WHEN tag.tree_id <> expected.tree_id THEN 'it is in the wrong tree'
                            WHEN tag.level <> expected.level THEN 'its level is wrong'
                            ELSE 'its left or right edge is wrong' END
                FROM tags_tag AS tag
                LEFT JOIN ({EXPECTED_TREE}) AS expected USING (id)
                WHERE (tag.tree_id, tag.level, tag.lft, tag.rght) IS DISTINCT FROM
                      (expected.tree_id, expected.level, expected.lft, expected.rght)
                ORDER BY tag.tree_id, tag.lft, tag.id"""  # noqa: S608 -- both parts are ours
_SUBTREES = """SELECT DISTINCT below.id
               FROM tags_tag AS top
               JOIN tags_tag AS below
                 ON below.tree_id = top.tree_id AND below.lft BETWEEN top.lft AND top.rght
               WHERE top.id = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class TreeFault:
    """A tag whose place or name is not what it must be."""

    tag_id: int
    name: str
    fault: str


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would follow `tag` into `into`: rows of the apps above by label, children, names."""

    tag: Tag
    into: Tag
    uses: dict[str, int]
    children_count: int
    names_count: int


def resolve(names: Iterable[str]) -> dict[str, Tag]:
    """The tags that answer to these names, by normalised name, in at most two queries.

    Aliases, redirects and suggestions decided in favour of a tag are followed; unknown names are
    left out.
    """
    wanted = {normalize(name) for name in names if not _UNSTORABLE.search(name)}
    rows = TagName.objects.filter(normalized__in=wanted).select_related("tag")
    found: dict[str, Tag] = {row.normalized: row.tag for row in rows}
    missing = wanted - found.keys()
    if missing:
        decided = TagSuggestion.objects.filter(
            normalized_name__in=missing, resolved_tag__isnull=False
        )
        for suggestion in decided.select_related("resolved_tag"):
            assert suggestion.resolved_tag is not None
            found[suggestion.normalized_name] = suggestion.resolved_tag
    return found


def tag_by_ref(ref: int | str) -> Tag:
    """The tag with this id or slug; a merged or old slug leads to the survivor.

    NotFoundError if there is none.
    """
    text = str(ref)
    tag = Tag.objects.filter(pk=int(text)).first() if _is_id(text) else _by_slug(text)
    if tag is None:
        raise NotFoundError("There is no such tag.")
    return tag


def tags_by_refs(refs: Collection[int | str]) -> dict[int | str, Tag]:
    """The tags with these ids or slugs, by what was asked; a merged slug leads to the survivor.

    Two queries at most; what names no tag is left out.
    """
    ids = {ref: int(ref) for ref in refs if isinstance(ref, int) or _is_id(ref)}
    slugs = {ref for ref in refs if ref not in ids}
    tags = list(Tag.objects.filter(Q(pk__in=ids.values()) | Q(slug__in=slugs)))
    by_id, by_slug = {tag.pk: tag for tag in tags}, {tag.slug: tag for tag in tags}
    missing = slugs - by_slug.keys()
    if missing:
        merged = TagName.objects.filter(normalized__in=missing).select_related("tag")
        by_slug |= {row.normalized: row.tag for row in merged}
    wanted = {ref: by_id.get(ids[ref]) if ref in ids else by_slug.get(str(ref)) for ref in refs}
    return {ref: tag for ref, tag in wanted.items() if tag is not None}


def subtree_ids(tag_ids: Collection[int]) -> set[int]:
    """These tags and everything below them."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBTREES, [list(tag_ids)])
        return {row[0] for row in cursor.fetchall()}


def merge_preview(*, tag_id: int, into_id: int) -> MergePreview:
    """What merging one tag into another would move; writes nothing.

    NotFoundError for an unknown tag. ConflictError `tag_cycle` into itself or something below it,
    `tag_too_deep` when a child would lie below the sixth level, `too_many_aliases`, and
    `tag_name_taken` when the old slug is the name of a third tag.
    """
    tag, into = tag_by_ref(tag_id), tag_by_ref(into_id)
    _refuse_merge_below(tag, into)
    _refuse_merge_of_names(tag, into)
    return MergePreview(
        tag=tag,
        into=into,
        uses=references.uses([tag.pk])[tag.pk],
        children_count=tag.children.count(),
        names_count=tag.names.count(),
    )


def tree_faults() -> list[TreeFault]:
    """Where the numbering differs from what `parent` says, and tags whose own name is not on
    record.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED)
        misplaced = [TreeFault(*row) for row in cursor.fetchall()]
    return misplaced + [
        TreeFault(tag.pk, tag.name, "its name is not in the table of names")
        for tag in Tag.objects.in_tree_order().prefetch_related("names")
        if not _is_named(tag)
    ]


def tree_entries() -> list[TagEntry]:
    """The whole tree as a file would say it, in two queries."""
    tags = Tag.objects.in_tree_order().prefetch_related("names")
    children: dict[int | None, list[Tag]] = {}
    for tag in tags:
        children.setdefault(tag.parent_id, []).append(tag)
    return [_entry(root, children) for root in children.get(None, [])]


def _refuse_merge_below(tag: Tag, into: Tag) -> None:
    if tag == into:
        raise ConflictError(f"“{tag.name}” cannot be merged into itself.", code="tag_cycle")
    if into.is_descendant_of(tag):
        raise ConflictError(
            f"“{tag.name}” cannot be merged into “{into.name}”, which lies below it. "
            f"Move “{into.name}” elsewhere first.",
            code="tag_cycle",
        )
    lowest = tag.get_descendants().exclude(pk=into.pk).aggregate(level=Max("level"))["level"]
    if lowest is not None and into.level + lowest - tag.level > MAX_LEVEL:
        raise ConflictError(
            f"The tree is at most {MAX_LEVEL + 1} deep; what lies below “{tag.name}” does not fit "
            f"under “{into.name}”.",
            code="tag_too_deep",
        )


def _refuse_merge_of_names(tag: Tag, into: Tag) -> None:
    kept = TagName.objects.filter(tag__in=[tag, into]).exclude(kind=TagNameKind.REDIRECT)
    # All but the survivor's own name become aliases of it.
    if kept.count() > ALIASES_AT_MOST + 1:
        raise ConflictError(
            f"Together they have more than {ALIASES_AT_MOST} other names. Take some away first.",
            code="too_many_aliases",
        )
    other = TagName.objects.filter(normalized=tag.slug).exclude(tag__in=[tag, into])
    for name in other.select_related("tag"):
        raise ConflictError(
            f"The old address “{tag.slug}” could not live on: “{name.tag.name}” has this name.",
            code="tag_name_taken",
        )


def _entry(tag: Tag, children: dict[int | None, list[Tag]]) -> TagEntry:
    aliases = [name for name in tag.names.all() if name.kind == TagNameKind.ALIAS]
    return TagEntry(
        line=0,
        name=tag.name,
        tag_type=tag.tag_type,
        slug="" if tag.slug == TAG_SLUGS.derive(tag.name, number=tag.pk) else tag.slug,
        aliases=tuple(alias.name for alias in sorted(aliases, key=lambda alias: alias.pk)),
        description=tag.description,
        is_featured=tag.is_featured,
        children=tuple(_entry(child, children) for child in children.get(tag.pk, [])),
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _by_slug(slug: str) -> Tag | None:
    if not TAG_SLUGS.is_shaped(slug):
        return None
    tag: Tag | None = Tag.objects.filter(slug=slug).first()
    if tag is None:
        name = TagName.objects.filter(normalized=slug).select_related("tag").first()
        tag = name.tag if name else None
    return tag


def _is_named(tag: Tag) -> bool:
    primary = [name for name in tag.names.all() if name.kind == "primary"]
    return [name.normalized for name in primary] == [normalize(tag.name)]
