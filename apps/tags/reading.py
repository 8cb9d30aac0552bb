"""Tags as the API shows them: with relatives and other names, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from apps.tags.models import Tag, TagName, TagNameKind

_ANCESTORS = """SELECT tag.id, above.id, above.name, above.slug
                FROM tags_tag AS tag
                JOIN tags_tag AS above ON above.tree_id = tag.tree_id
                 AND above.lft < tag.lft AND above.rght > tag.rght
                WHERE tag.id = ANY(%s)
                ORDER BY above.lft"""
_NODE_FIELDS = (
    "id",
    "name",
    "slug",
    "tag_type",
    "level",
    "is_featured",
    "problem_count",
    "parent_id",
)


@dataclass(frozen=True, slots=True)
class Relatives:
    """What a page of tags needs besides its rows, by tag id."""

    ancestors: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)
    aliases: dict[int, list[str]] = field(default_factory=dict)


def relatives_of(tags: Sequence[Tag]) -> Relatives:
    """Ancestors from the root, children in tree order and aliases of these tags. Three queries."""
    ids = [tag.pk for tag in tags]
    relatives = Relatives()
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTORS, [ids])
        for tag_id, above_id, name, slug in cursor.fetchall():
            above = {"id": above_id, "name": name, "slug": slug}
            relatives.ancestors.setdefault(tag_id, []).append(above)
    children = Tag.objects.filter(parent_id__in=ids).in_tree_order()
    for parent_id, child_id in children.values_list("parent_id", "id"):
        relatives.children.setdefault(parent_id, []).append(child_id)
    aliases = TagName.objects.filter(tag_id__in=ids, kind=TagNameKind.ALIAS)
    for tag_id, name in aliases.values_list("tag_id", "name"):
        relatives.aliases.setdefault(tag_id, []).append(name)
    return relatives


def forest(*, root: Tag | None = None, depth: int | None = None) -> list[dict[str, Any]]:
    """The tree as nested nodes, or what is at and below `root`; `depth` levels of it. One query."""
    tags = Tag.objects.in_tree_order()
    if root is not None:
        tags = tags.filter(tree_id=root.tree_id, lft__gte=root.lft, rght__lte=root.rght)
    if depth is not None:
        tags = tags.filter(level__lt=(root.level if root else 0) + depth)
    return _nested(tags.values(*_NODE_FIELDS))


def _nested(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows come parents first, so that every parent is known before its children."""
    nodes: dict[int, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for row in rows:
        parent = nodes.get(row.pop("parent_id"))
        nodes[row["id"]] = node = {**row, "children": []}
        (parent["children"] if parent else roots).append(node)
    return roots
