"""The way of a problem through review.

Any step that its status does not allow is a ConflictError `wrong_status`. draft, rejected → pending
→ approved | rejected; a curator may decide a draft at once; approved ⇄ archived.
"""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.core.plain_text import one_line
from apps.problems.events import problem_archived
from apps.problems.models import Problem, ProblemStatus, VettingTier
from apps.problems.ranking import refresh_problems
from apps.tags.tree import tree_lock

PENDING_AT_MOST = 5
_NOTE_LENGTH = 500
_VERBS = {
    ProblemStatus.PENDING: "submitted",
    ProblemStatus.APPROVED: "approved",
    ProblemStatus.REJECTED: "rejected",
    ProblemStatus.ARCHIVED: "archived",
}


def submit_problem(*, problem_id: int, by: Any = None) -> Problem:
    """Hand a draft, or a rejected one, in for review.

    ConflictError `too_many_pending` when its author, being no curator, has as many waiting as are
    allowed.
    """
    with tree_lock():
        problem = locked_problem(problem_id)
        _refuse_status(
            problem, ProblemStatus.PENDING, {ProblemStatus.DRAFT, ProblemStatus.REJECTED}
        )
        _refuse_crowd(problem)
        problem.status, problem.review_note = ProblemStatus.PENDING, ""
        _save(problem)
    return problem


def approve_problem(
    *, problem_id: int, by: Any, vetting_tier: str = "", override_reason: str = ""
) -> Problem:
    """Let subscribers have it. Without a tier it becomes tier1_manual when a person approves.

    ConflictError `incomplete` says what is missing; `twin` that an approved problem says the same,
    unless there is a reason to override that, which is kept as the review note.
    """
    note = one_line(override_reason, field="override_reason", limit=_NOTE_LENGTH)
    with tree_lock():
        problem = locked_problem(problem_id)
        _refuse_status(
            problem, ProblemStatus.APPROVED, {ProblemStatus.DRAFT, ProblemStatus.PENDING}
        )
        refuse_incomplete(problem)
        if not note:
            _refuse_twin(problem)
        if vetting_tier or by is not None:
            problem.vetting_tier = known_tier(vetting_tier or VettingTier.TIER1_MANUAL)
        problem.status, problem.approved_at = ProblemStatus.APPROVED, timezone.now()
        problem.reviewed_by, problem.review_note = by, note
        _save(problem)
        refresh_problems([problem.pk])
    return problem


def reject_problem(*, problem_id: int, by: Any, note: str) -> Problem:
    """Turn it down; the author sees the note and may mend and submit it again."""
    note = one_line(note, field="note", limit=_NOTE_LENGTH)
    if not note:
        raise InvalidInputError("Say why it is rejected.", code="blank", field="note")
    with tree_lock():
        problem = locked_problem(problem_id)
        _refuse_status(
            problem, ProblemStatus.REJECTED, {ProblemStatus.DRAFT, ProblemStatus.PENDING}
        )
        problem.status, problem.reviewed_by = ProblemStatus.REJECTED, by
        problem.review_note = note
        _save(problem)
    return problem


def archive_problem(*, problem_id: int, by: Any = None, reason: str = "") -> Problem:
    """Send it to nobody any more; what was sent stays, solutions included."""
    reason = one_line(reason, field="reason", limit=_NOTE_LENGTH)
    with tree_lock():
        problem = locked_problem(problem_id)
        _refuse_status(problem, ProblemStatus.ARCHIVED, {ProblemStatus.APPROVED})
        problem.status, problem.reviewed_by = ProblemStatus.ARCHIVED, by
        problem.review_note = reason
        _save(problem)
        refresh_problems([problem.pk])
        problem_archived.send(Problem, problem_id=problem.pk)
    return problem


def restore_problem(*, problem_id: int, by: Any = None) -> Problem:
    """Bring an archived problem back into the bank; ConflictError `incomplete` as on approval."""
    with tree_lock():
        problem = locked_problem(problem_id)
        if problem.status != ProblemStatus.ARCHIVED:
            raise ConflictError(
                f"It is {problem.status}; only an archived problem can be restored.",
                code="wrong_status",
            )
        refuse_incomplete(problem)
        problem.status, problem.reviewed_by = ProblemStatus.APPROVED, by
        problem.review_note = ""
        _save(problem)
        refresh_problems([problem.pk])
    return problem


def locked_problem(problem_id: int) -> Problem:
    """The row as it is now, which nobody else changes until the transaction ends.

    Enter the tree lock first.
    """
    problem = Problem.objects.select_for_update().filter(pk=problem_id).first()
    if problem is None:
        raise NotFoundError("There is no such problem.")
    return problem


def known_tier(vetting_tier: str) -> str:
    """The tier itself; InvalidInputError when there is none of that name."""
    if vetting_tier not in VettingTier.values:
        raise InvalidInputError(
            f"The vetting tier must be one of {', '.join(VettingTier.values)}.",
            code="invalid_choice",
            field="vetting_tier",
        )
    return vetting_tier


def refuse_incomplete(problem: Problem) -> None:
    """ConflictError `incomplete` naming what an approved problem must have and this one has not."""
    missing = [
        words
        for words, is_there in (
            ("a solution", bool(problem.solution)),
            ("a difficulty", bool(problem.difficulty)),
            ("an approved tag", problem.problem_tags.exists()),
        )
        if not is_there
    ]
    if missing:
        raise ConflictError(
            f"An approved problem needs {' and '.join(missing)}.", code="incomplete"
        )


def _refuse_status(problem: Problem, to: ProblemStatus, allowed: Collection[ProblemStatus]) -> None:
    if problem.status not in allowed:
        raise ConflictError(
            f"It is {problem.status}, and cannot be {_VERBS[to]} from there.", code="wrong_status"
        )


def _refuse_crowd(problem: Problem) -> None:
    author = problem.author
    if author is None or author.has_perm("problems.change_problem"):
        return
    waiting = Problem.objects.filter(author=author, status=ProblemStatus.PENDING).count()
    if waiting >= PENDING_AT_MOST:
        raise ConflictError(
            f"{waiting} problems of yours wait for review already; {PENDING_AT_MOST} may.",
            code="too_many_pending",
        )


def _refuse_twin(problem: Problem) -> None:
    twin = Problem.objects.approved().exclude(pk=problem.pk).saying_the_same(problem).first()
    if twin is not None:
        raise ConflictError(
            f"The approved problem “{twin.title}” ({twin.slug}) says the same."
            " Give a reason to approve this one as well.",
            code="twin",
        )


def _save(problem: Problem) -> None:
    problem.save(
        update_fields=[
            "status",
            "vetting_tier",
            "approved_at",
            "reviewed_by",
            "review_note",
            "updated_at",
        ]
    )
