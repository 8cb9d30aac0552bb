"""Small random worlds: a tag tree, a bank, subscriptions and what they already had."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.notifications.choosing import Candidate, Wishes
from apps.notifications.models import Delivery, Subscription
from apps.problems.models import Difficulty, Problem, ProblemTag, VettingTier
from apps.problems.rank import TIERS
from apps.problems.ranking import rebuild_ranking
from apps.tags.models import Tag
from tests.factories import ProblemFactory, SentDeliveryFactory, SubscriptionFactory, TagFactory

NOW = datetime(2027, 5, 5, 8, tzinfo=UTC)


@dataclass
class World:
    """What was made, as model rows."""

    tags: list[Tag]
    problems: list[Problem]
    subscriptions: list[Subscription]


def random_world(dice: random.Random, *, subscriptions: int) -> World:
    """A world in which some starve, some widen and some have had nearly everything."""
    tags: list[Tag] = []
    for _ in range(dice.randint(2, 9)):
        shallow = [tag for tag in tags if tag.level < 3]
        tags.append(TagFactory(parent=dice.choice([None, *shallow])))
    problems = random_bank(dice, tags)
    people = [random_subscription(dice, tags, problems) for _ in range(subscriptions)]
    return World(tags, problems, people)


def random_bank(dice: random.Random, tags: list[Tag]) -> list[Problem]:
    """Problems written in bulk and ranked once."""
    problems = Problem.objects.bulk_create(
        ProblemFactory.build(
            difficulty=dice.choice(Difficulty.values),
            vetting_tier=dice.choice(VettingTier.values),
            is_held=dice.random() < 0.1,
            status="approved" if dice.random() < 0.9 else "archived",
        )
        for _ in range(dice.randint(1, 12))
    )
    ProblemTag.objects.bulk_create(
        ProblemTag(problem=problem, tag=tag)
        for problem in problems
        for tag in dice.sample(tags, dice.randint(1, min(3, len(tags))))
    )
    rebuild_ranking()
    return problems


def random_subscription(
    dice: random.Random, tags: list[Tag], problems: list[Problem]
) -> Subscription:
    subscription = SubscriptionFactory(
        tags=dice.sample(tags, dice.randint(0, min(4, len(tags)))),
        difficulties=dice.sample(Difficulty.values, dice.randint(1, 3)),
        next_delivery_at=NOW,
        bucket=dice.randrange(32),
    )
    for slot, problem in enumerate(dice.sample(problems, dice.randint(0, len(problems))), 1):
        SentDeliveryFactory(
            subscription=subscription,
            problem=problem,
            slot=slot,
            due_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    return subscription


def bank() -> list[Candidate]:
    """The candidates as the policy sees them, read plainly from the tables."""
    rows = Problem.objects.filter(status="approved", is_held=False).prefetch_related("tags")
    return [
        Candidate(
            problem_id=problem.pk,
            uuid=str(problem.uuid),
            tier=TIERS[problem.vetting_tier],
            difficulty=problem.difficulty,
            tag_ids=frozenset(tag.pk for tag in problem.tags.all()),
        )
        for problem in rows
    ]


def wishes_of(subscription: Subscription) -> Wishes:
    """One subscriber as the policy sees them, read plainly from the tables."""
    had = Delivery.objects.filter(subscription=subscription, kind="challenge")
    return Wishes(
        subscription_id=subscription.pk,
        bucket=subscription.bucket,
        slot=subscription.slot_count + 1,
        interests=frozenset(subscription.tags.values_list("id", flat=True)),
        difficulties=frozenset(subscription.difficulties),
        had=frozenset(had.exclude(status="cancelled").values_list("problem_id", flat=True)),
    )
