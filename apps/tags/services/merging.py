"""Merging one tag into another without loss.

The record written here is what `undo_merge` needs: what there was before, and what the survivor
looked like afterwards, which tells whether anybody has touched it since.
"""

from typing import Any

from apps.core.history import note_change
from apps.tags import references
from apps.tags.events import tree_changed
from apps.tags.models import Tag, TagMerge, TagName, TagNameKind, TagSuggestion
from apps.tags.selectors import merge_preview
from apps.tags.services.tags import relocate_tag
from apps.tags.tree import tree_lock

# What of a tag's own row nothing but itself holds.
OWN_COLUMNS = ("name", "slug", "tag_type", "description", "is_featured")


def merge_tag(*, tag_id: int, into_id: int, by: Any) -> TagMerge:
    """Let another tag have all that points at this one, its children and its names; then it goes.

    Its name becomes an alias and its slug keeps leading to the survivor. Refused as
    `merge_preview` says.
    """
    with tree_lock():
        planned = merge_preview(tag_id=tag_id, into_id=into_id)
        tag, into = planned.tag, planned.into
        record = _row_and_place(tag) | {"survivor_updated_at": into.updated_at.isoformat()}
        record["references"] = {
            reference.label: reference.merge(tag.pk, into.pk)
            for reference in references.registered()
        }
        record["proposals"] = _move_proposals(tag, into)
        record["redirect"] = _move_names(tag, into)
        _move_children(tag, into, record["children"])
        _take_away(tag, into, by=by)
        survivor = Tag.objects.get(pk=into_id)
        note_change(survivor, by=by, reason=f"Merged “{tag.name}” into it")
        survivor.save(update_fields=["updated_at"])
        record["survivor"] = portrait(survivor)
        return _write_down(tag, survivor, record, by=by)


def portrait(tag: Tag) -> dict[str, Any]:
    """A tag with its place and names; two that differ mean that somebody touched it."""
    return {
        "own": [getattr(tag, column) for column in OWN_COLUMNS],
        "updated_at": tag.updated_at.isoformat(),
        "parent": tag.parent_id,
        "names": [list(row) for row in tag.names.order_by("id").values_list("id", "name", "kind")],
    }


def _row_and_place(tag: Tag) -> dict[str, Any]:
    siblings = list(Tag.objects.filter(parent=tag.parent_id).in_tree_order())
    children = tag.get_children().in_tree_order()
    return {
        "own": {column: getattr(tag, column) for column in OWN_COLUMNS},
        "created_at": tag.created_at.isoformat(),
        "updated_at": tag.updated_at.isoformat(),
        "parent": _noted(tag.parent) if tag.parent else None,
        "elder_siblings": [sibling.pk for sibling in siblings[: siblings.index(tag)]],
        "children": [_noted(child) for child in children],
        "names": list(tag.names.order_by("id").values_list("pk", "kind")),
    }


def _noted(tag: Tag) -> dict[str, Any]:
    return {"id": tag.pk, "name": tag.name, "updated_at": tag.updated_at.isoformat()}


def _move_proposals(tag: Tag, into: Tag) -> list[int]:
    """Suggestions that were to go under the merged tag are to go under the survivor."""
    rows = TagSuggestion.objects.filter(suggested_parent=tag)
    moved = list(rows.values_list("pk", flat=True))
    rows.update(suggested_parent=into)
    return moved


def _move_names(tag: Tag, into: Tag) -> int | None:
    """All names answer for the survivor; the id of the redirect from the old slug, if it took
    one.
    """
    tag.names.filter(kind=TagNameKind.PRIMARY).update(kind=TagNameKind.ALIAS)
    tag.names.update(tag=into)
    if TagName.objects.filter(normalized=tag.slug).exists():
        return None
    redirect = TagName.objects.create(
        tag=into, name=tag.slug, normalized=tag.slug, kind=TagNameKind.REDIRECT
    )
    return redirect.pk


def _move_children(tag: Tag, into: Tag, children: list[dict[str, Any]]) -> None:
    """Put all below the merged tag under the survivor, and tell whoever lies above either."""
    for child in children:
        moved = Tag.objects.get(pk=child["id"])
        relocate_tag(moved, parent_id=into.pk)
        moved.refresh_from_db(fields=["updated_at"])
        child["moved_at"] = moved.updated_at.isoformat()
    tree_changed.send(Tag, tag_ids={tag.pk, into.pk, *(child["id"] for child in children)})


def _take_away(tag: Tag, into: Tag, *, by: Any) -> None:
    merged = Tag.objects.get(pk=tag.pk)
    note_change(merged, by=by, reason=f"Merged into “{into.name}”")
    merged.delete()


def _write_down(tag: Tag, into: Tag, record: dict[str, Any], *, by: Any) -> TagMerge:
    return TagMerge.objects.create(
        merged_tag_id=tag.pk,
        merged_name=tag.name,
        merged_slug=tag.slug,
        into_tag_id=into.pk,
        into_name=into.name,
        into_slug=into.slug,
        record=record,
        merged_by=by,
    )
