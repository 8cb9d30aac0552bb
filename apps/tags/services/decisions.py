"""What becomes of suggested names.

A decision is made once, and reaches everybody who waits for it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count
from django.utils import timezone

from apps.core.errors import ConflictError, NotFoundError
from apps.tags.events import suggestion_decided
from apps.tags.models import SuggestionStatus, Tag, TagNameKind, TagSuggestion
from apps.tags.tree import require_lock

_BY_KIND = {
    TagNameKind.PRIMARY: SuggestionStatus.APPROVED,
    TagNameKind.ALIAS: SuggestionStatus.MERGED,
    TagNameKind.REDIRECT: SuggestionStatus.MERGED,
}


def undecided(suggestion_id: int) -> TagSuggestion:
    """The suggestion, which nobody can decide meanwhile.

    ConflictError `already_decided` when it is too late.
    """
    require_lock("Deciding a suggestion")
    suggestion = TagSuggestion.objects.filter(pk=suggestion_id).first()
    if suggestion is None:
        raise NotFoundError("There is no such suggestion.")
    if suggestion.status != SuggestionStatus.PENDING:
        raise ConflictError(
            f"“{suggestion.name}” was {suggestion.status} already.", code="already_decided"
        )
    return suggestion


def decide(
    suggestion: TagSuggestion,
    *,
    status: SuggestionStatus,
    tag: Tag | None,
    by: Any,
    note: str = "",
) -> None:
    """Write the decision down and tell the apps above, in the caller's transaction."""
    suggestion.status, suggestion.resolved_tag = status, tag
    suggestion.reviewed_by, suggestion.reviewed_at = by, timezone.now()
    suggestion.note = note
    suggestion.save(update_fields=["status", "resolved_tag", "reviewed_by", "reviewed_at", "note"])
    suggestion_decided.send(TagSuggestion, suggestion=suggestion, tag=tag)


def settle_known(tag: Tag, kinds: Mapping[str, TagNameKind], *, by: Any) -> None:
    """Decide what still waits under names (normalised → kind) that this tag has just come to answer
    to.
    """
    for suggestion in TagSuggestion.objects.pending().filter(normalized_name__in=kinds):
        status = _BY_KIND[kinds[suggestion.normalized_name]]
        decide(suggestion, status=status, tag=tag, by=by)


def count_decided(tag_ids: Collection[int]) -> dict[int, int]:
    """How many suggestions were decided in favour of each tag."""
    rows = TagSuggestion.objects.filter(resolved_tag__in=tag_ids).order_by()
    return dict(rows.values_list("resolved_tag").annotate(count=Count("id")))


def merge_decided(tag_id: int, into_id: int) -> list[int]:
    """Let another tag have them; their ids, for undo."""
    rows = TagSuggestion.objects.filter(resolved_tag=tag_id)
    moved = list(rows.values_list("pk", flat=True))
    rows.update(resolved_tag=into_id)
    return moved


def undo_merge_decided(tag_id: int, into_id: int, record: list[int]) -> None:
    """Give them back, all or none."""
    rows = TagSuggestion.objects.filter(pk__in=record, resolved_tag=into_id)
    if rows.update(resolved_tag=tag_id) != len(record):
        raise ConflictError("A suggestion decided in favour of the merged tag was changed since.")
