"""A tag tree and a bank of problems of any size, the same from run to run."""

import random
from collections.abc import Sequence

from django.utils import timezone

from apps.problems.models import Difficulty, Problem, ProblemTag
from apps.problems.ranking import rebuild_ranking
from apps.tags.models import Tag
from apps.tags.services import create_tag

ROOTS = 12
DEEPEST = 3


def plant(count: int, dice: random.Random) -> list[Tag]:
    """So many tags, each below one of the earlier ones."""
    tags: list[Tag] = []
    for n in range(count):
        above = [tag for tag in tags if tag.level < DEEPEST]
        parent = dice.choice(above) if n >= ROOTS else None
        tags.append(
            create_tag(name=f"Tag {n}", tag_type="topic", parent_id=parent.pk if parent else None)
        )
    return tags


def stock(count: int, tags: Sequence[Tag], dice: random.Random) -> list[Problem]:
    """So many approved problems of one to three tags each, ready ranked."""
    now = timezone.now()
    problems = Problem.objects.bulk_create(
        Problem(
            title=f"Problem {n}",
            slug=f"problem-{n}",
            statement="What happens, and why?",
            solution="This happens.",
            hints=["Look."],
            difficulty=dice.choice(Difficulty.values),
            estimated_minutes=15,
            status="approved",
            vetting_tier=dice.choice(("tier1_manual", "tier2_ai")),
            approved_at=now,
        )
        for n in range(count)
    )
    ProblemTag.objects.bulk_create(
        ProblemTag(problem=problem, tag=tag)
        for problem in problems
        for tag in dice.sample(tags, dice.randint(1, 3))
    )
    rebuild_ranking()
    return problems
