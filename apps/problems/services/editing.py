"""Writing problems: create, change, delete. Their way through review is review.py."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

from django.db.models import ProtectedError

from apps.core.errors import ConflictError
from apps.core.sequences import reserve_ids
from apps.problems.content import CONTENT_FIELDS, PROBLEM_SLUGS, clean
from apps.problems.models import Problem, ProblemStatus, VettingTier
from apps.problems.ranking import refresh_problems, refresh_tags
from apps.problems.services.review import known_tier, locked_problem, refuse_incomplete
from apps.problems.services.tagging import find_wanted, write_tags
from apps.tags.models import SuggestionSource
from apps.tags.tree import tree_lock


class Changes(TypedDict, total=False):
    """What change_problem takes: any of the content, the tags, the tier and the author."""

    title: str
    statement: str
    hints: Iterable[str]
    solution: str
    difficulty: str
    estimated_minutes: int | None
    source_title: str
    source_url: str
    source_author: str
    license: str
    tags: Sequence[int | str]
    vetting_tier: str


def create_problem(
    *,
    title: str,
    statement: str,
    tags: Sequence[int | str] = (),
    hints: Iterable[str] = (),
    solution: str = "",
    difficulty: str = "",
    estimated_minutes: int | None = None,
    source_title: str = "",
    source_url: str = "",
    source_author: str = "",
    license: str = "",
    author: Any = None,
    uuid: UUID | None = None,
    version: int = 1,
    slug: str = "",
    vetting_tier: str = VettingTier.TIER3_NEEDS_REVIEW,
    suggestion_source: str = SuggestionSource.AUTHOR,
) -> Problem:
    """Add a draft.

    `tags` are ids, slugs or names; unknown names become suggestions that it waits for.
    ConflictError `uuid_taken` or `slug_taken` when another problem has what was asked for.
    """
    content = clean(
        {
            "title": title,
            "statement": statement,
            "hints": hints,
            "solution": solution,
            "difficulty": difficulty,
            "estimated_minutes": estimated_minutes,
            "source_title": source_title,
            "source_url": source_url,
            "source_author": source_author,
            "license": license,
        }
    )
    problem = Problem(**content, version=version, author=author, uuid=uuid or uuid4())
    problem.vetting_tier = known_tier(vetting_tier)
    with tree_lock():
        wanted = find_wanted(tags, source=suggestion_source, by=author)
        _refuse_taken(problem.uuid, slug)
        problem.pk = reserve_ids(Problem, 1)[0]
        derived = PROBLEM_SLUGS.derive(problem.title, number=problem.pk)
        problem.slug = slug or free_slugs([derived])[0]
        problem.save(force_insert=True)
        write_tags(problem, wanted)
        problem.refresh_from_db()
    return problem


def change_problem(*, problem_id: int, by: Any = None, **changes: Unpack[Changes]) -> Problem:
    """Change what is named.

    The version rises once when anything changed that a reader sees, tags included. ConflictError
    `incomplete` when an approved problem would lose its solution, difficulty or last tag.
    """
    with tree_lock():
        problem = locked_problem(problem_id)
        wanted = None
        if "tags" in changes:
            wanted = find_wanted(changes["tags"], source=SuggestionSource.AUTHOR, by=by)
        edited = _edit_content(problem, changes)
        if "vetting_tier" in changes:
            problem.vetting_tier = known_tier(changes["vetting_tier"])
        retagged = write_tags(problem, wanted) if wanted is not None else set()
        if problem.status == ProblemStatus.APPROVED:
            refuse_incomplete(problem)
        problem.version += bool(edited or retagged)
        problem.save(update_fields=[*CONTENT_FIELDS, "vetting_tier", "version", "updated_at"])
        _follow(problem, retagged)
        problem.refresh_from_db()
    return problem


def delete_problem(*, problem_id: int) -> None:
    """Delete a problem that was never delivered.

    ConflictError `problem_delivered`: then it can only be archived.
    """
    with tree_lock():
        problem = locked_problem(problem_id)
        tag_ids = set(problem.problem_tags.values_list("tag", flat=True))
        try:
            problem.delete()
        except ProtectedError as error:
            raise ConflictError(
                "This problem was delivered to somebody. Archive it instead.",
                code="problem_delivered",
            ) from error
        refresh_tags(tag_ids)


def free_slugs(bases: Sequence[str]) -> list[str]:
    """Each of these slugs, or with a suffix: unique in the bank and among themselves, in two
    queries.
    """
    taken = set(Problem.objects.filter(slug__in=bases).values_list("slug", flat=True))
    if taken or len(set(bases)) < len(bases):
        # Which suffixes are free is only known from all that starts alike.
        starts = sorted({base[: PROBLEM_SLUGS.length - 6] for base in bases})
        alike = Problem.objects.filter(slug__regex=f"^({'|'.join(starts)})")
        taken = set(alike.values_list("slug", flat=True))
    slugs: list[str] = []
    for base in bases:
        slugs.append(PROBLEM_SLUGS.first_free(base, taken))
        taken.add(slugs[-1])
    return slugs


def _edit_content(problem: Problem, changes: Changes) -> bool:
    before = {field: getattr(problem, field) for field in CONTENT_FIELDS}
    named = {field: value for field, value in changes.items() if field in CONTENT_FIELDS}
    after = clean(before | named)
    for field, value in after.items():
        setattr(problem, field, value)
    return before != after


def _follow(problem: Problem, retagged: set[int]) -> None:
    refresh_problems([problem.pk])
    if retagged:
        refresh_tags(retagged)


def _refuse_taken(uuid: UUID, slug: str) -> None:
    if Problem.objects.filter(uuid=uuid).exists():
        raise ConflictError("Another problem has this UUID.", code="uuid_taken")
    if slug and Problem.objects.filter(slug=PROBLEM_SLUGS.check(slug)).exists():
        raise ConflictError(f"Another problem has the slug “{slug}”.", code="slug_taken")
