"""Suggested names: asked for by people, problems and imports, decided by curators."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from apps.core.errors import ConflictError, InvalidInputError
from apps.core.plain_text import one_line
from apps.tags.models import (
    SuggestionSource,
    SuggestionStatus,
    Tag,
    TagNameKind,
    TagSuggestion,
    TagSuggestionRequest,
    TagType,
)
from apps.tags.names import CleanName, clean_name
from apps.tags.selectors import resolve
from apps.tags.services.decisions import decide, undecided
from apps.tags.services.naming import refuse_known
from apps.tags.services.tags import change_tag, create_tag
from apps.tags.tree import tree_lock

_NOTE_LENGTH = 500


class Unsaid(Enum):
    """An answer that was not given, where None is one."""

    UNSAID = auto()


UNSAID = Unsaid.UNSAID


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What became of a set of names, each by its normalised form."""

    tags: Mapping[str, Tag]
    pending: Mapping[str, TagSuggestion]
    rejected: Mapping[str, TagSuggestion]


def suggest_tag(
    *,
    name: str,
    source: str,
    by: Any = None,
    tag_type: str = "",
    suggested_parent_id: int | None = None,
    reason: str = "",
) -> tuple[TagSuggestion, bool]:
    """Ask for a name; whoever asks for one that waits already joins it (then the second value is
    False).

    NameTakenError when a tag answers to it, ConflictError `tag_rejected` with the note when it was
    rejected before.
    """
    wanted = clean_name(name)
    reason = one_line(reason, field="reason", limit=_NOTE_LENGTH)
    if tag_type and tag_type not in TagType.values:
        raise InvalidInputError("This is no type of tags.", code="invalid_choice", field="tag_type")
    with tree_lock():
        refuse_known(wanted)
        suggestion, created = TagSuggestion.objects.get_or_create(
            normalized_name=wanted.normalized,
            defaults={
                "name": wanted.name,
                "source": SuggestionSource(source),
                "tag_type": tag_type,
                "suggested_parent": _suggested_parent(suggested_parent_id),
            },
        )
        if suggestion.status == SuggestionStatus.REJECTED:
            raise ConflictError(_rejected(suggestion), code="tag_rejected")
        if by is not None:
            TagSuggestionRequest.objects.get_or_create(
                suggestion=suggestion, user=by, defaults={"reason": reason}
            )
    return suggestion, created


def know_or_suggest(*, names: Iterable[str], source: str, by: Any = None) -> KnownNames:
    """Look names up and suggest the unknown ones, in a constant number of queries.

    For the tags of problems.
    """
    wanted: dict[str, CleanName] = {}
    for cleaned in (clean_name(name, field="tags") for name in names):
        # Of several spellings the first is the one to be shown.
        wanted.setdefault(cleaned.normalized, cleaned)
    with tree_lock():
        tags = resolve(wanted)
        missing = {key: name for key, name in wanted.items() if key not in tags}
        suggested = _suggest_missing(missing, source=source, by=by) if missing else []
    return KnownNames(
        tags=tags,
        pending={s.normalized_name: s for s in suggested if s.status == SuggestionStatus.PENDING},
        rejected={s.normalized_name: s for s in suggested if s.status == SuggestionStatus.REJECTED},
    )


def approve_suggestion(
    *,
    suggestion_id: int,
    by: Any,
    name: str = "",
    tag_type: str = "",
    parent_id: int | Unsaid | None = UNSAID,
) -> Tag:
    """Make the suggested name a tag, as typed or with another name, type or parent.

    What is left out is taken from the suggestion; with None as its parent the tag is a root.
    """
    with tree_lock():
        suggestion = undecided(suggestion_id)
        tag = create_tag(
            name=name or suggestion.name,
            tag_type=tag_type or suggestion.tag_type,
            parent_id=suggestion.suggested_parent_id
            if isinstance(parent_id, Unsaid)
            else parent_id,
            by=by,
        )
        # Under its own name it was decided along with the tag; under another one it is decided
        # here.
        suggestion.refresh_from_db()
        if suggestion.status == SuggestionStatus.PENDING:
            decide(suggestion, status=SuggestionStatus.APPROVED, tag=tag, by=by)
    return tag


def merge_suggestion(*, suggestion_id: int, into_id: int, by: Any) -> Tag:
    """Make the suggested name an alias of a tag."""
    with tree_lock():
        suggestion = undecided(suggestion_id)
        tag = Tag.objects.filter(pk=into_id).first()
        if tag is None:
            raise InvalidInputError("There is no such tag.", code="not_found", field="into")
        aliases = tag.names.filter(kind=TagNameKind.ALIAS).order_by("id")
        tag = change_tag(
            tag_id=into_id,
            aliases=[*aliases.values_list("name", flat=True), suggestion.name],
            by=by,
        )
        suggestion.refresh_from_db()
        if suggestion.status == SuggestionStatus.PENDING:
            decide(suggestion, status=SuggestionStatus.MERGED, tag=tag, by=by)
    return tag


def reject_suggestion(*, suggestion_id: int, by: Any, note: str = "") -> TagSuggestion:
    """Turn the name down for good; whoever asks again is shown the note."""
    note = one_line(note, field="note", limit=_NOTE_LENGTH)
    with tree_lock():
        suggestion = undecided(suggestion_id)
        decide(suggestion, status=SuggestionStatus.REJECTED, tag=None, by=by, note=note)
    return suggestion


def _suggest_missing(
    missing: Mapping[str, CleanName], *, source: str, by: Any
) -> Collection[TagSuggestion]:
    TagSuggestion.objects.bulk_create(
        [
            TagSuggestion(
                name=name.name, normalized_name=name.normalized, source=SuggestionSource(source)
            )
            for name in missing.values()
        ],
        ignore_conflicts=True,
    )
    suggested = list(TagSuggestion.objects.filter(normalized_name__in=missing))
    if by is not None:
        TagSuggestionRequest.objects.bulk_create(
            [
                TagSuggestionRequest(suggestion=suggestion, user=by)
                for suggestion in suggested
                if suggestion.status == SuggestionStatus.PENDING
            ],
            ignore_conflicts=True,
        )
    return suggested


def _suggested_parent(parent_id: int | None) -> Tag | None:
    if parent_id is None:
        return None
    parent: Tag | None = Tag.objects.filter(pk=parent_id).first()
    if parent is None:
        raise InvalidInputError(
            "There is no such parent tag.", code="not_found", field="suggested_parent"
        )
    return parent


def _rejected(suggestion: TagSuggestion) -> str:
    words = f"“{suggestion.name}” was suggested before and rejected"
    return f"{words}: {suggestion.note}" if suggestion.note else f"{words}."
