"""The policy, and that choosing.sql is the same policy."""

import random

import pytest

from apps.notifications.choosing import Candidate, Pick, Wishes, choose, is_under, turns
from apps.notifications.models import ReasonCode
from apps.notifications.services.planning import choose_for
from apps.problems.rank import rank
from apps.tags.models import Tag
from tests.notifications.worlds import bank, random_world, wishes_of

# 1 ─ 2 ─ 3, and 4 on its own.
PARENTS = {1: None, 2: 1, 3: 2, 4: None}


def candidate(problem_id: int, *tag_ids: int, tier: int = 1, difficulty: str = "easy") -> Candidate:
    return Candidate(problem_id, f"uuid-{problem_id}", tier, difficulty, frozenset(tag_ids))


def wishes(*interests: int, slot: int = 1, had: tuple[int, ...] = ()) -> Wishes:
    return Wishes(7, 3, slot, frozenset(interests), frozenset(["easy"]), frozenset(had))


def test_a_problem_below_the_interest_counts():
    pick = choose(wishes(1), [candidate(10, 3)], PARENTS)

    assert pick == Pick(10, ReasonCode.INTEREST, 1)


def test_interests_take_turns_by_slot():
    bank = [candidate(10, 3), candidate(11, 4)]

    first, second = (choose(wishes(3, 4, slot=slot), bank, PARENTS) for slot in (1, 2))

    assert {first.interest_id, second.interest_id} == {3, 4}
    assert turns(7, 1, [3, 4]) == list(reversed(turns(7, 2, [3, 4])))


def test_an_exhausted_interest_passes_its_turn_on():
    bank = [candidate(10, 3), candidate(11, 4)]

    picks = {choose(wishes(3, 4, slot=slot, had=(10,)), bank, PARENTS) for slot in (1, 2)}

    assert picks == {Pick(11, ReasonCode.INTEREST, 4)}


def test_the_better_vetted_comes_before_the_better_ranked():
    low, high = sorted((20, 21), key=lambda n: rank(f"uuid-{n}", 3))
    bank = [candidate(low, 3, tier=2), candidate(high, 3, tier=1)]

    assert choose(wishes(3), bank, PARENTS).problem_id == high
    assert choose(wishes(3, had=(high,)), bank, PARENTS).problem_id == low


def test_nothing_below_any_interest_widens_to_the_parent_and_then_to_anything():
    bank = [candidate(10, 2), candidate(11, 4)]

    assert choose(wishes(3), bank, PARENTS) == Pick(10, ReasonCode.PARENT, 2)
    assert choose(wishes(3, had=(10,)), bank, PARENTS) == Pick(11, ReasonCode.ANY, None)
    assert choose(wishes(3, had=(10, 11)), bank, PARENTS) is None


def test_without_interests_anything_goes():
    assert choose(wishes(), [candidate(10, 4)], PARENTS) == Pick(10, ReasonCode.ANY, None)


def test_other_difficulties_are_never_chosen():
    assert choose(wishes(3), [candidate(10, 3, difficulty="hard")], PARENTS) is None


def test_a_tag_is_under_itself_and_its_ancestors_only():
    assert [is_under(3, ancestor, PARENTS) for ancestor in (1, 2, 3, 4)] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(200))
def test_the_sql_is_the_policy_over_random_worlds(seed):
    world = random_world(random.Random(seed), subscriptions=3)
    parents = dict(Tag.objects.values_list("id", "parent_id"))
    candidates = bank()
    expected = {
        subscription.pk: pick
        for subscription in world.subscriptions
        if (pick := choose(wishes_of(subscription), candidates, parents)) is not None
    }

    chosen = choose_for([subscription.pk for subscription in world.subscriptions])

    assert chosen == expected


@pytest.mark.django_db
def test_choosing_for_a_batch_is_one_statement(django_assert_num_queries):
    world = random_world(random.Random(99), subscriptions=5)

    with django_assert_num_queries(1):
        choose_for([subscription.pk for subscription in world.subscriptions])
