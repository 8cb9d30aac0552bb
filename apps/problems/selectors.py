"""Looking problems up."""

from apps.core.errors import NotFoundError
from apps.problems.models import Problem
from apps.problems.querysets import ProblemQuerySet


def problem_by_ref(problems: ProblemQuerySet, ref: str) -> Problem:
    """The one of these problems with this id or slug. NotFoundError if it is not among them."""
    is_id = ref.isascii() and ref.isdigit() and len(ref) < 19
    problem = problems.filter(pk=int(ref)).first() if is_id else problems.filter(slug=ref).first()
    if problem is None:
        raise NotFoundError("There is no such problem.")
    return problem
