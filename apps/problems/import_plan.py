"""What importing a batch of problem files would do to the bank. Reads, never writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from django.db.models.functions import Lower

from apps.core.text import normalize
from apps.problems.content import CONTENT_FIELDS
from apps.problems.models import Problem, ProblemStatus
from apps.problems.previews import cut_mails, may_be_cut
from apps.problems.problem_file import ProblemFile
from apps.tags.models import SuggestionStatus, TagSuggestion
from apps.tags.selectors import resolve


class Action(StrEnum):
    """What becomes of one file."""

    CREATED = "created"
    UPDATED = "updated"
    APPROVED = "approved"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRules:
    """Switches of an import: approve what is complete; leave alone what the bank has newer."""

    approve: bool = False
    keep_newer: bool = False


@dataclass(slots=True, kw_only=True)
class Result:
    """One file and what becomes of it; `reason` says why it is refused, `line` where."""

    path: Path
    action: Action
    reason: str = ""
    line: int = 1
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Planned(Result):
    """A file that could be read, and its problem: the row in the bank, or one that is not saved
    yet.
    """

    file: ProblemFile
    problem: Problem
    is_to_be_approved: bool = False


def plan_batch(files: Mapping[Path, ProblemFile], rules: ImportRules) -> list[Planned]:
    """Compare files with the bank, in a constant number of queries."""
    bank = _Bank(list(files.values()), rules)
    return [bank.plan(path, file) for path, file in files.items()]


class _Bank:
    """What a batch has to know of the present state."""

    def __init__(self, files: Sequence[ProblemFile], rules: ImportRules) -> None:
        self.rules = rules
        problems = Problem.objects.filter(uuid__in=[file.uuid for file in files])
        links = ("problem_tags", "problem_suggestions__suggestion")
        self.problems: dict[UUID, Problem] = {
            problem.uuid: problem for problem in problems.prefetch_related(*links)
        }
        names = {normalize(name) for file in files for name in file.tags}
        self.tag_ids = {name: tag.pk for name, tag in resolve(names).items()}
        rejected = TagSuggestion.objects.filter(status=SuggestionStatus.REJECTED)
        self.rejected = set(
            rejected.filter(normalized_name__in=names).values_list("normalized_name", flat=True)
        )
        self.titles = _approved_titles(files) if rules.approve else {}

    def plan(self, path: Path, file: ProblemFile) -> Planned:
        planned = Planned(
            path=path,
            action=Action.CREATED,
            notes=list(file.warnings),
            file=file,
            problem=self.problems.get(file.uuid)
            or Problem(uuid=file.uuid, status=ProblemStatus.PENDING),
        )
        if file.uuid in self.problems:
            self._compare(planned)
        if planned.action in (Action.CREATED, Action.UPDATED, Action.UNCHANGED):
            self._review(planned)
        return planned

    def _compare(self, planned: Planned) -> None:
        file, problem = planned.file, planned.problem
        if self._is_same(file, problem):
            newer = file.version > problem.version
            planned.action = Action.UPDATED if newer else Action.UNCHANGED
        elif file.version > problem.version:
            planned.action = Action.UPDATED
        else:
            planned.action = Action.KEPT if self.rules.keep_newer else Action.REFUSED
            planned.line = file.lines.get("version", 1)
            planned.reason = (
                f"the bank has version {problem.version} with other content;"
                f" raise the version above {problem.version} to replace it"
            )

    def _is_same(self, file: ProblemFile, problem: Problem) -> bool:
        tag_ids, waiting = self._tags(file)
        has = {link.tag_id for link in problem.problem_tags.all()}
        waits = {
            link.suggestion.normalized_name
            for link in problem.problem_suggestions.all()
            if link.suggestion.status == SuggestionStatus.PENDING
        }
        own = {name: getattr(problem, name) for name in CONTENT_FIELDS}
        return (file.content, set(tag_ids), waiting) == (own, has, waits)

    def _tags(self, file: ProblemFile) -> tuple[list[int], set[str]]:
        names = [normalize(name) for name in file.tags]
        known = [self.tag_ids[name] for name in names if name in self.tag_ids]
        return known, set(names) - self.tag_ids.keys() - self.rejected

    def _review(self, planned: Planned) -> None:
        """Whether it may be approved, and whether one that is approved would still be complete."""
        file, status = planned.file, planned.problem.status
        missing = self._missing(file)
        if status == ProblemStatus.APPROVED and missing:
            planned.action, planned.line = Action.REFUSED, file.lines.get("uuid", 1)
            planned.reason = f"the approved problem in the bank would be left without {missing}"
        elif self.rules.approve and status in (ProblemStatus.PENDING, ProblemStatus.DRAFT):
            twin = self.titles.get(file.content["title"].lower())
            if missing:
                planned.notes.append(f"waits for review: it has no {missing}")
            elif twin:
                planned.notes.append(f"waits for review: “{twin}” has the same title")
            else:
                planned.is_to_be_approved = True
                planned.notes += _cut_mails(file)
                self.titles[file.content["title"].lower()] = planned.path.stem
                if planned.action == Action.UNCHANGED:
                    planned.action = Action.APPROVED

    def _missing(self, file: ProblemFile) -> str:
        return " and no ".join(
            words
            for words, is_there in (
                ("solution", bool(file.content["solution"])),
                ("difficulty", bool(file.content["difficulty"])),
                ("approved tag", bool(self._tags(file)[0])),
            )
            if not is_there
        )


def _cut_mails(file: ProblemFile) -> list[str]:
    if not may_be_cut(file.content):
        return []
    return cut_mails(Problem(uuid=file.uuid, version=file.version, **file.content))


def _approved_titles(files: Iterable[ProblemFile]) -> dict[str, str]:
    """Titles that other approved problems have, by their small letters."""
    approved = Problem.objects.approved().exclude(uuid__in=[file.uuid for file in files])
    alike = approved.annotate(lower=Lower("title")).filter(
        lower__in={file.content["title"].lower() for file in files}
    )
    return dict(alike.values_list("lower", "slug"))
