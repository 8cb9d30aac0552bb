"""What a reader has to do with a problem: was it sent to them, and is its solution theirs yet.

The apps above know; they register here in `AppConfig.ready`, and views ask.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import models

from apps.accounts.models import User
from apps.problems.querysets import ProblemQuerySet


class Mine(models.TextChoices):
    """What a reader has to do with a problem, to filter by; the last three are what they made of
    it.
    """

    NONE = "none"
    DELIVERED = "delivered"
    SOLVED = "solved"
    TRIED = "tried"
    SKIPPED = "skipped"


OUTCOMES = tuple((mine.value, mine.label) for mine in (Mine.SOLVED, Mine.TRIED, Mine.SKIPPED))


@dataclass(frozen=True, slots=True)
class Access:
    """One reader and one problem whose challenge was sent to them."""

    delivery_id: int
    local_date: date
    outcome: str | None
    solution_available_at: datetime
    is_solution_theirs: bool
    hints_shown: int


class AccessProvider(Protocol):
    """What an app above must be able to tell."""

    def access(self, user: User, problem_ids: Sequence[int]) -> Mapping[int, Access]:
        """By problem id; problems that were never sent to the reader are left out."""

    def having(self, problems: ProblemQuerySet, user: User, mine: Mine) -> ProblemQuerySet:
        """Those of the problems that the reader has this to do with."""


_providers: list[AccessProvider] = []


def register(provider: AccessProvider) -> None:
    """Name the one who knows; there is one."""
    _providers[:] = [provider]


def provider() -> AccessProvider:
    """The one who knows. LookupError before any app registered."""
    if not _providers:
        raise LookupError("no app has registered with problems.access")
    return _providers[0]
