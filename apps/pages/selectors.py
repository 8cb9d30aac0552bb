"""Reads for the small site, in the shape its templates want."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from apps.problems.models import Problem
from apps.tags.models import Tag

_NEWEST = 3


@dataclass(slots=True)
class InterestGroup:
    """One top-level tag and all below it, as they are offered, each with whether it is chosen."""

    root: Tag
    tags: list[tuple[Tag, bool]] = field(default_factory=list)

    @property
    def chosen(self) -> list[str]:
        """The names of those chosen."""
        return [tag.name for tag, is_chosen in self.tags if is_chosen]


def interest_tree(chosen: Collection[str]) -> list[InterestGroup]:
    """All tags by top-level tag, in tree order, with whether each is among the chosen ids."""
    groups: list[InterestGroup] = []
    for tag in Tag.objects.in_tree_order():
        if tag.level == 0:
            groups.append(InterestGroup(tag))
        groups[-1].tags.append((tag, str(tag.pk) in chosen))
    return groups


@dataclass(frozen=True, slots=True)
class BankFacts:
    """What the front page says of the bank today."""

    problem_count: int
    new_count: int
    interests: list[Tag]
    newest: list[Problem]


def bank_facts() -> BankFacts:
    """Counts, top-level interests that have problems, and the newest problems; four queries."""
    approved = Problem.objects.approved()
    week_ago = timezone.now() - timedelta(days=7)
    roots = Tag.objects.filter(level=0, problem_count__gt=0).exclude(tag_type="skill_level")
    return BankFacts(
        problem_count=approved.count(),
        new_count=approved.filter(approved_at__gte=week_ago).count(),
        interests=list(roots.in_tree_order()),
        newest=list(approved.defer("solution", "hints")[:_NEWEST]),
    )
