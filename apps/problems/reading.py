"""Who may see what of a problem. Everything that shows problems to readers asks here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.problems import access
from apps.problems.models import Problem


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at problems; nobody in particular when `user` is None."""

    user: User | None = None
    is_curator: bool = False
    accesses: Mapping[int, access.Access] = field(default_factory=dict)

    def is_editor_of(self, problem: Problem) -> bool:
        """Curators and the author see all there is."""
        is_author = self.user is not None and problem.author_id == self.user.pk
        return self.is_curator or is_author

    def solution_of(self, problem: Problem) -> str | None:
        """The solution once it is theirs; None before, and where there is none."""
        found = self.accesses.get(problem.pk)
        is_theirs = found is not None and found.is_solution_theirs
        if not (is_theirs or self.is_editor_of(problem)):
            return None
        return problem.solution or None

    def hints_of(self, problem: Problem) -> list[str]:
        """The hints already shown to them."""
        if self.is_editor_of(problem):
            return list(problem.hints)
        found = self.accesses.get(problem.pk)
        return problem.hints[: found.hints_shown] if found else []

    def solution_available_at(self, problem: Problem) -> datetime | None:
        """When the solution becomes, or became, theirs; None before the challenge was sent."""
        found = self.accesses.get(problem.pk)
        return found.solution_available_at if found else None

    def mine(self, problem: Problem) -> dict[str, Any] | None:
        """Which delivery brought it to them, and what they made of it."""
        found = self.accesses.get(problem.pk)
        if found is None:
            return None
        return {
            "delivery_id": found.delivery_id,
            "local_date": found.local_date,
            "outcome": found.outcome,
        }


def reader_of(user: Any, problems: Sequence[Problem]) -> Reader:
    """What somebody may see of these problems; a constant number of queries."""
    if not isinstance(user, User):
        return Reader()
    return Reader(
        user=user,
        is_curator=user.has_perm("problems.change_problem"),
        accesses=access.provider().access(user, [problem.pk for problem in problems]),
    )
