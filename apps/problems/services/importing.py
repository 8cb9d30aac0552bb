"""Bringing the bank to what problem files say, in batches with a constant number of statements
each.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.core.files import files_below, read_at_most
from apps.core.sequences import reserve_ids
from apps.core.text import normalize
from apps.problems.content import CONTENT_FIELDS, PROBLEM_SLUGS
from apps.problems.import_plan import Action, ImportRules, Planned, Result, plan_batch
from apps.problems.models import (
    Problem,
    ProblemStatus,
    ProblemSuggestion,
    ProblemTag,
    VettingTier,
)
from apps.problems.problem_file import FILE_SIZE_AT_MOST, FileError, ProblemFile, parse
from apps.problems.ranking import refresh_problems, refresh_tags
from apps.problems.services.editing import free_slugs
from apps.problems.services.tagging import drop_open_suggestions, note_suggestions
from apps.tags.models import SuggestionSource, Tag
from apps.tags.services import know_or_suggest
from apps.tags.tree import tree_lock

BATCH_SIZE = 250
# So many new rows make the planner's idea of the tables wrong, and its plans quadratic.
_MANY = 50
_UPDATED_FIELDS = [
    *CONTENT_FIELDS,
    "version",
    "status",
    "vetting_tier",
    "approved_at",
    "updated_at",
]


def import_problems(
    path: Path,
    *,
    rules: ImportRules,
    dry_run: bool = False,
    atomic: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Result]:
    """Take one file, or all *.md below a folder; what became of each, in order of their paths.

    A file that is refused keeps nobody else out, unless `atomic`: then nothing at all is written.
    New problems wait for review, or are approved at once when the rules say so. `progress` is told
    after every batch, when there are several.
    """
    root, paths = (path, list(files_below(path, ".md"))) if path.is_dir() else (path.parent, [path])
    done: list[Result] = []
    first_with: dict[UUID, Path] = {}
    with transaction.atomic() if atomic else nullcontext():
        for start in range(0, len(paths), BATCH_SIZE):
            batch = paths[start : start + BATCH_SIZE]
            done += _import_batch(batch, root, first_with, rules, dry_run=dry_run)
            if len(paths) > BATCH_SIZE:
                progress(len(done), len(paths))
        if atomic and any(one.action == Action.REFUSED for one in done):
            transaction.set_rollback(True)
    return done


def _import_batch(
    paths: Sequence[Path],
    root: Path,
    first_with: dict[UUID, Path],
    rules: ImportRules,
    *,
    dry_run: bool,
) -> list[Result]:
    files: dict[Path, ProblemFile] = {}
    refused: list[Result] = []
    for path in paths:
        try:
            files[path] = _read(path, root, first_with)
        except FileError as error:
            refused.append(
                Result(path=path, action=Action.REFUSED, reason=error.reason, line=error.line)
            )
    with tree_lock():
        planned = plan_batch(files, rules)
        if not dry_run:
            _write(planned)
    return sorted([*planned, *refused], key=lambda one: one.path)


def _read(path: Path, root: Path, first_with: dict[UUID, Path]) -> ProblemFile:
    try:
        data = read_at_most(path, FILE_SIZE_AT_MOST, inside=root)
    except OSError as error:
        raise FileError(1, error.strerror or str(error)) from error
    file = parse(data)
    first = first_with.setdefault(file.uuid, path)
    if first != path:
        raise FileError(file.lines["uuid"], f"{first} has the same UUID")
    return file


def _write(planned: Iterable[Planned]) -> None:
    """Write what the plan says; files without a change cost nothing."""
    writing = (Action.CREATED, Action.UPDATED, Action.APPROVED)
    changing = [one for one in planned if one.action in writing]
    if not changing:
        return
    _give_ids_and_slugs([one for one in changing if one.action == Action.CREATED])
    Problem.objects.bulk_create(
        [_filled(one) for one in changing],
        update_conflicts=True,
        unique_fields=["uuid"],
        update_fields=_UPDATED_FIELDS,
    )
    rewritten = [one for one in changing if one.action != Action.APPROVED]
    lost = _write_tags({one.problem.pk: one.file for one in rewritten})
    ids = [one.problem.pk for one in changing]
    if len(ids) >= _MANY:
        _count_rows()
    note_suggestions(ids)
    refresh_problems(ids)
    if lost:
        refresh_tags(lost)


def _count_rows() -> None:
    """Let PostgreSQL see what this transaction has written; nobody else sees it in time."""
    tables = [model._meta.db_table for model in (Problem, ProblemTag, Tag)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def _give_ids_and_slugs(new: Sequence[Planned]) -> None:
    ids = reserve_ids(Problem, len(new))
    slugs = free_slugs([_slug(one, number) for one, number in zip(new, ids, strict=True)])
    for one, number, slug in zip(new, ids, slugs, strict=True):
        one.problem.pk, one.problem.slug = number, slug


def _slug(one: Planned, number: int) -> str:
    """The file's own name where that can be a slug, else one made from the title."""
    stem = one.path.stem
    if PROBLEM_SLUGS.is_shaped(stem) and stem not in PROBLEM_SLUGS.route_words:
        return stem
    return PROBLEM_SLUGS.derive(one.file.content["title"], number=number)


def _filled(one: Planned) -> Problem:
    problem = one.problem
    for name, value in one.file.content.items():
        setattr(problem, name, value)
    problem.version = max(problem.version, one.file.version)
    if one.is_to_be_approved:
        problem.status, problem.approved_at = ProblemStatus.APPROVED, timezone.now()
        problem.vetting_tier = VettingTier.TIER1_MANUAL
    return problem


def _write_tags(rewritten: dict[int, ProblemFile]) -> set[int]:
    """Give these problems the tags their files name; returns the tags that were on any before."""
    names = {name for file in rewritten.values() for name in file.tags}
    known = know_or_suggest(names=names, source=SuggestionSource.IMPORT)
    former = ProblemTag.objects.filter(problem__in=rewritten)
    former_ids = set(former.values_list("tag", flat=True))
    former.delete()
    drop_open_suggestions(rewritten)
    tags, suggestions = [], []
    for problem_id, file in rewritten.items():
        for name in dict.fromkeys(file.tags):
            key = normalize(name)
            if key in known.tags:
                tags.append(ProblemTag(problem_id=problem_id, tag=known.tags[key]))
            else:
                asked = known.pending.get(key) or known.rejected[key]
                suggestions.append(
                    ProblemSuggestion(problem_id=problem_id, suggestion=asked, typed_name=name)
                )
    # Two names in one file may lead to the same tag.
    ProblemTag.objects.bulk_create(tags, ignore_conflicts=True)
    ProblemSuggestion.objects.bulk_create(suggestions, ignore_conflicts=True)
    return former_ids
