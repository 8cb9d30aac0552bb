"""Taking a merge back: exactly the earlier rows, or nothing."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.core.errors import ConflictError, NotFoundError
from apps.core.history import note_change
from apps.tags import references
from apps.tags.events import tree_changed
from apps.tags.models import Tag, TagMerge, TagName, TagSuggestion
from apps.tags.services.merging import portrait
from apps.tags.services.tags import relocate_tag
from apps.tags.tree import tree_lock


def undo_merge(*, merge_id: int, by: Any) -> TagMerge:
    """Bring a merged tag back with its id, slug, place, names and all that pointed at it.

    ConflictError `already_undone`, or `merge_touched` naming what stands in the way: the survivor
    or something that was moved has been changed since.
    """
    with tree_lock():
        merge = _standing(merge_id)
        record = merge.record
        into = _untouched_survivor(merge)
        _refuse_strayed_children(into, record["children"])
        tag = _plant_again(merge, by=by)
        _give_names_back(tag, record)
        _give_children_back(tag, into, record["children"])
        _give_references_back(tag, into, record)
        _note_undoing(into, merge, by=by)
        _restore_instants(tag, into, record)
        merge.undone_by, merge.undone_at = by, timezone.now()
        merge.save(update_fields=["undone_by", "undone_at"])
    return merge


def _standing(merge_id: int) -> TagMerge:
    merge = TagMerge.objects.filter(pk=merge_id).first()
    if merge is None:
        raise NotFoundError("There is no such merge.")
    if merge.undone_at is not None:
        raise ConflictError("This merge was undone already.", code="already_undone")
    return merge


def _touched(detail: str) -> ConflictError:
    return ConflictError(detail, code="merge_touched")


def _untouched_survivor(merge: TagMerge) -> Tag:
    """The survivor, as the merge left it; else ConflictError saying what happened to it."""
    name = merge.into_name
    onwards = TagMerge.objects.standing().filter(merged_tag_id=merge.into_tag_id).first()
    if onwards is not None:
        raise _touched(f"“{name}” was merged into “{onwards.into_name}” since. Undo that first.")
    into: Tag | None = Tag.objects.filter(pk=merge.into_tag_id).first()
    if into is None:
        raise _touched(f"“{name}” was deleted since.")
    later = TagMerge.objects.standing().filter(into_tag_id=into.pk, pk__gt=merge.pk).first()
    if later is not None:
        raise _touched(f"“{later.merged_name}” was merged into “{name}” since. Undo that first.")
    now, then = portrait(into), merge.record["survivor"]
    if now["parent"] != then["parent"]:
        raise _touched(f"“{name}” was moved since.")
    if now != then:
        raise _touched(f"“{name}” was changed since.")
    return into


def _refuse_strayed_children(into: Tag, children: list[dict[str, Any]]) -> None:
    present = set(into.get_children().values_list("pk", flat=True))
    for child in children:
        if child["id"] not in present:
            raise _touched(f"“{child['name']}” is no longer under “{into.name}”.")


def _plant_again(merge: TagMerge, *, by: Any) -> Tag:
    """The tag at its old place: after the nearest of its elder siblings that is still there."""
    record = merge.record
    _refuse_taken_place(merge)
    tag = Tag(pk=merge.merged_tag_id, **record["own"])
    note_change(tag, by=by, reason=f"Merge into “{merge.into_name}” taken back")
    tag.save(force_insert=True)
    parent_id = record["parent"]["id"] if record["parent"] else None
    siblings = Tag.objects.filter(parent=parent_id)
    present = set(siblings.values_list("pk", flat=True))
    elder = [pk for pk in record["elder_siblings"] if pk in present]
    relocate_tag(
        Tag.objects.get(pk=tag.pk),
        parent_id=parent_id,
        position="right" if elder else "first-child",
        target_id=elder[-1] if elder else None,
    )
    tag.refresh_from_db()
    return tag


def _refuse_taken_place(merge: TagMerge) -> None:
    parent = merge.record["parent"]
    if parent and not Tag.objects.filter(pk=parent["id"]).exists():
        raise _touched(f"“{parent['name']}”, under which it was, is no longer there.")
    holder = Tag.objects.filter(slug=merge.merged_slug).first()
    if holder is not None:
        raise _touched(f"“{holder.name}” has the address “{merge.merged_slug}” now.")


def _give_names_back(tag: Tag, record: dict[str, Any]) -> None:
    TagName.objects.filter(pk=record["redirect"]).delete()
    for pk, kind in record["names"]:
        TagName.objects.filter(pk=pk).update(tag=tag, kind=kind)


def _give_children_back(tag: Tag, into: Tag, children: list[dict[str, Any]]) -> None:
    for child in children:
        moved = Tag.objects.get(pk=child["id"])
        is_untouched = moved.updated_at.isoformat() == child["moved_at"]
        relocate_tag(moved, parent_id=tag.pk)
        if is_untouched:
            _date_back(child["id"], child["updated_at"])
    tree_changed.send(Tag, tag_ids={tag.pk, into.pk, *(child["id"] for child in children)})


def _give_references_back(tag: Tag, into: Tag, record: dict[str, Any]) -> None:
    for reference in reversed(references.registered()):
        reference.undo(tag.pk, into.pk, record["references"][reference.label])
    proposals = TagSuggestion.objects.filter(pk__in=record["proposals"], suggested_parent=into)
    proposals.update(suggested_parent=tag)


def _note_undoing(into: Tag, merge: TagMerge, *, by: Any) -> None:
    survivor = Tag.objects.get(pk=into.pk)
    note_change(survivor, by=by, reason=f"Merge of “{merge.merged_name}” taken back")
    survivor.save(update_fields=["updated_at"])


def _restore_instants(tag: Tag, into: Tag, record: dict[str, Any]) -> None:
    """Nothing was changed in the end, so that every answer is what it was."""
    _date_back(tag.pk, record["updated_at"])
    _date_back(into.pk, record["survivor_updated_at"])
    Tag.objects.filter(pk=tag.pk).update(created_at=datetime.fromisoformat(record["created_at"]))


def _date_back(tag_id: int, updated_at: str) -> None:
    Tag.objects.filter(pk=tag_id).update(updated_at=datetime.fromisoformat(updated_at))
