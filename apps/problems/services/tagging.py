"""The tags of problems, and the suggested names they wait for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from apps.core.errors import InvalidInputError
from apps.core.text import normalize
from apps.problems.content import TAGS_AT_MOST
from apps.problems.models import Problem, ProblemSuggestion, ProblemTag
from apps.problems.ranking import refresh_problems
from apps.tags.models import SuggestionStatus, Tag, TagSuggestion
from apps.tags.names import TAG_SLUGS, clean_name
from apps.tags.selectors import resolve
from apps.tags.services import know_or_suggest
from apps.tags.tree import require_lock

_SUGGESTED = (Path(__file__).parent.parent / "suggested_tags.sql").read_text()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a problem is to be tagged with: tags in order, and names that no tag answers to, as
    typed.
    """

    tag_ids: list[int]
    suggestions: list[tuple[TagSuggestion, str]]


def find_wanted(refs: Sequence[int | str], *, source: str, by: Any) -> Wanted:
    """Read references: a number is an id, text a name, an alias or a slug; any other text becomes a
    suggestion.

    InvalidInputError for an unknown id, for text that cannot be a name, and for too many.
    """
    require_lock("Looking up the tags of a problem")
    if len(refs) > TAGS_AT_MOST:
        raise InvalidInputError(
            f"A problem has at most {TAGS_AT_MOST} tags.", code="max_length", field="tags"
        )
    _refuse_unknown_ids(refs)
    typed = [ref for ref in refs if isinstance(ref, str)]
    slugs = _ids_by_slug(typed)
    known = know_or_suggest(names=[t for t in typed if t not in slugs], source=source, by=by)
    wanted = Wanted([], [])
    for ref in dict.fromkeys(refs):
        key = normalize(ref) if isinstance(ref, str) else ""
        if key in known.tags:
            wanted.tag_ids.append(known.tags[key].pk)
        elif isinstance(ref, int):
            wanted.tag_ids.append(ref)
        elif ref in slugs:
            wanted.tag_ids.append(slugs[ref])
        else:
            asked = known.pending.get(key) or known.rejected[key]
            wanted.suggestions.append((asked, clean_name(str(ref)).name))
    return wanted


def write_tags(problem: Problem, wanted: Wanted) -> set[int]:
    """Make these the problem's tags and open suggestions; the tags it gained or lost."""
    tag_ids = list(dict.fromkeys(wanted.tag_ids))
    links = problem.problem_tags.order_by("id")
    former = list(links.values_list("tag", flat=True))
    if former != tag_ids:
        # All anew, because the order of their ids is the order in which an export lists them.
        links.delete()
        ProblemTag.objects.bulk_create(ProblemTag(problem=problem, tag_id=t) for t in tag_ids)
    _write_suggestions(problem, wanted)
    return set(former) ^ set(tag_ids)


def attach_decided(suggestion: TagSuggestion, tag: Tag | None) -> None:
    """Carry a curator's decision to exactly the problems that waited for it."""
    waiting = suggestion.problem_suggestions.order_by("id")
    problem_ids = list(waiting.values_list("problem", flat=True))
    if tag is not None:
        ProblemTag.objects.bulk_create(
            (ProblemTag(problem_id=problem_id, tag=tag) for problem_id in problem_ids),
            ignore_conflicts=True,
        )
        refresh_problems(problem_ids)
    note_suggestions(problem_ids)


def drop_open_suggestions(problem_ids: Collection[int], *, but: Collection[int] = ()) -> None:
    """Let these problems wait no more, except for some; decisions in favour stay on record."""
    ProblemSuggestion.objects.filter(
        problem__in=problem_ids,
        suggestion__status__in=[SuggestionStatus.PENDING, SuggestionStatus.REJECTED],
    ).exclude(suggestion__in=but).delete()


def note_suggestions(problem_ids: Collection[int]) -> None:
    """Show in problem_metadata what these problems wait for and what was turned down."""
    with connection.cursor() as cursor:
        cursor.execute(_SUGGESTED, {"ids": list(problem_ids)})


def _ids_by_slug(typed: Iterable[str]) -> dict[str, int]:
    """Text that is no name of any tag, but a slug of one."""
    shaped = [text for text in typed if TAG_SLUGS.is_shaped(text)]
    slugs = Tag.objects.filter(slug__in=shaped).values_list("slug", "pk") if shaped else ()
    names = resolve(slug for slug, _ in slugs)
    return {slug: tag_id for slug, tag_id in slugs if normalize(slug) not in names}


def _refuse_unknown_ids(refs: Iterable[int | str]) -> None:
    wanted = {ref for ref in refs if isinstance(ref, int)}
    found = Tag.objects.filter(pk__in=wanted).values_list("pk", flat=True) if wanted else ()
    for tag_id in wanted.difference(found):
        raise InvalidInputError(f"There is no tag {tag_id}.", code="not_found", field="tags")


def _write_suggestions(problem: Problem, wanted: Wanted) -> None:
    drop_open_suggestions([problem.pk], but=[asked.pk for asked, _ in wanted.suggestions])
    ProblemSuggestion.objects.bulk_create(
        (
            ProblemSuggestion(problem=problem, suggestion=asked, typed_name=typed)
            for asked, typed in wanted.suggestions
        ),
        ignore_conflicts=True,
    )
    note_suggestions([problem.pk])
