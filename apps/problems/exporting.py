"""The bank as files: one for each problem, named by its slug."""

from collections.abc import Callable, Iterator
from pathlib import Path

from apps.core.files import write_whole
from apps.problems.content import CONTENT_FIELDS, Content
from apps.problems.models import Problem
from apps.problems.problem_file import ProblemFile, render
from apps.problems.querysets import ProblemQuerySet
from apps.tags.models import SuggestionStatus

_CHUNK = 500


def export_problems(
    problems: ProblemQuerySet,
    folder: Path,
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[tuple[Path, bool]]:
    """Write each problem; the path of each, and whether its file is new or other than before.

    Files that belong to no problem are left where they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    links = ("problem_tags__tag", "problem_suggestions__suggestion")
    ordered = problems.order_by("pk").prefetch_related(*links)
    for done, problem in enumerate(ordered.iterator(chunk_size=_CHUNK), start=1):
        path = folder / f"{problem.slug}.md"
        yield path, write_whole(path, render(as_file(problem)))
        if done % _CHUNK == 0:
            progress(done)


def as_file(problem: Problem) -> ProblemFile:
    """What a file says of a problem: its tags in the order they were given, then the names it still
    waits for.
    """
    tags = sorted(problem.problem_tags.all(), key=lambda link: link.pk)
    asked = sorted(problem.problem_suggestions.all(), key=lambda link: link.pk)
    content = Content(**{name: getattr(problem, name) for name in CONTENT_FIELDS})  # type: ignore[typeddict-item]  # -- the keys are its own
    return ProblemFile(
        uuid=problem.uuid,
        version=problem.version,
        tags=(
            *(link.tag.name for link in tags),
            *(
                link.typed_name
                for link in asked
                if link.suggestion.status == SuggestionStatus.PENDING
            ),
        ),
        content=content,
    )
