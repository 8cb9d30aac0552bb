import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine

from apps.core.errors import DomainError
from apps.problems.models import BankState, Problem, RankedProblem
from apps.problems.ranking import rebuild_ranking, refresh_problems, refresh_tags
from apps.problems.services import (
    approve_problem,
    archive_problem,
    change_problem,
    create_problem,
    delete_problem,
    restore_problem,
)
from apps.problems.tasks import rebuild_ranking as rebuild_ranking_task
from apps.tags.models import Tag
from apps.tags.services import create_tag, delete_tag, move_tag
from tests.factories import ProblemFactory
from tests.problems.lists import assert_lists_hold, present_counts, present_lists
from tests.tags.outlines import plant

pytestmark = pytest.mark.django_db
THEN = datetime(2027, 5, 5, tzinfo=UTC)
LATER = datetime(2027, 5, 6, tzinfo=UTC)


@pytest.fixture
def tags() -> dict[str, Tag]:
    return plant({"Languages": {"Python": {"asyncio": {}}, "Go": {}}, "Tools": {"Git": {}}})


def test_a_problem_is_listed_under_its_tags_and_all_above_and_in_the_whole_bank(tags):
    problem = ProblemFactory(tags=[tags["asyncio"], tags["Git"]])

    listed = RankedProblem.objects.filter(problem=problem)
    names = {row.tag.name if row.tag else None for row in listed.select_related("tag")}
    assert names == {"asyncio", "Python", "Languages", "Git", "Tools", None}
    assert listed.count() == 6 * 32
    assert_lists_hold()


def test_a_problem_with_two_tags_of_one_branch_counts_once(tags):
    ProblemFactory(tags=[tags["asyncio"], tags["Python"], tags["Go"]])
    ProblemFactory(tags=[tags["Go"]])

    assert present_counts() == {
        "Languages": 2,
        "Python": 1,
        "asyncio": 1,
        "Go": 2,
        "Tools": 0,
        "Git": 0,
    }
    assert_lists_hold()


@pytest.mark.parametrize("status", ["draft", "pending", "rejected", "archived"])
def test_only_approved_problems_are_listed(tags, status):
    ProblemFactory(tags=[tags["Go"]], status=status)

    assert present_lists() == set()
    assert present_counts()["Go"] == 0


def test_a_problem_held_back_is_not_listed_but_counted(tags):
    problem = ProblemFactory(tags=[tags["Go"]])
    Problem.objects.update(is_held=True)

    refresh_problems([problem.pk])

    assert present_lists() == set()
    assert present_counts()["Go"] == 1


@pytest.mark.parametrize(
    "change",
    [{"difficulty": "hard"}, {"vetting_tier": "tier2_ai"}, {"vetting_tier": "tier3_needs_review"}],
)
def test_another_difficulty_or_tier_is_followed(tags, change):
    problem = ProblemFactory(tags=[tags["Go"]])
    Problem.objects.update(**change)

    refresh_problems([problem.pk])

    assert_lists_hold()


def test_what_is_right_already_is_not_written_again(tags):
    problem = ProblemFactory(tags=[tags["Go"]])
    before = set(RankedProblem.objects.values_list("pk", flat=True))

    refresh_problems([problem.pk])
    refresh_tags([tags["Go"].pk])
    rebuild_ranking()

    assert set(RankedProblem.objects.values_list("pk", flat=True)) == before


def test_a_branch_that_moves_takes_its_problems_along(tags):
    ProblemFactory(tags=[tags["asyncio"]])
    ProblemFactory(tags=[tags["Go"]])

    move_tag(tag_id=tags["Python"].pk, parent_id=tags["Git"].pk)

    assert present_counts() == {
        "Languages": 1,
        "Python": 1,
        "asyncio": 1,
        "Go": 1,
        "Tools": 1,
        "Git": 1,
    }
    assert_lists_hold()


@pytest.mark.parametrize(
    "damage",
    [
        lambda: RankedProblem.objects.filter(bucket=7).delete(),
        lambda: RankedProblem.objects.filter(tag=None).delete(),
        lambda: RankedProblem.objects.filter(bucket=3).update(rank=5),
        lambda: RankedProblem.objects.update(difficulty="easy"),
        lambda: Problem.objects.update(status="draft"),
        lambda: Tag.objects.update(problem_count=9),
    ],
)
@pytest.mark.parametrize("mend", [rebuild_ranking, rebuild_ranking_task])
def test_whatever_is_wrong_is_mended_at_night(tags, damage, mend):
    ProblemFactory(tags=[tags["asyncio"]])
    ProblemFactory(tags=[tags["Git"]])
    damage()

    mend()

    assert_lists_hold()


def test_the_number_of_statements_does_not_grow(tags, django_assert_num_queries):
    one = ProblemFactory(tags=[tags["Go"]])
    many = [ProblemFactory(tags=[tags["Go"], tags["asyncio"]]).pk for _ in range(5)]

    for problem_ids in ([one.pk], many):
        Problem.objects.filter(pk__in=problem_ids).update(difficulty="hard")
        with django_assert_num_queries(10):
            refresh_problems(problem_ids)
    with django_assert_num_queries(7):
        refresh_tags([tag.pk for tag in tags.values()])


def widened_at() -> datetime:
    return BankState.objects.get().widened_at


@pytest.mark.parametrize(
    ("change", "widens"),
    [
        (lambda p, tags: change_problem(problem_id=p, tags=["Go", "Git"]), True),
        (lambda p, tags: change_problem(problem_id=p, difficulty="easy"), True),
        (lambda p, tags: change_problem(problem_id=p, title="Another one"), False),
        (lambda p, tags: move_tag(tag_id=tags["Go"].pk, parent_id=tags["Git"].pk), True),
        (lambda p, tags: move_tag(tag_id=tags["Git"].pk, parent_id=None), False),
        (lambda p, tags: archive_problem(problem_id=p), False),
        (lambda p, tags: create_tag(name="Rust", tag_type="language"), False),
    ],
)
def test_the_starved_are_told_when_there_is_more_to_get(
    tags, change: Callable[[int, dict[str, Tag]], object], widens: bool
):
    problem = ProblemFactory(tags=[tags["Go"]])
    BankState.objects.update_or_create(pk=1, defaults={"widened_at": THEN})

    with time_machine.travel(LATER, tick=False):
        change(problem.pk, tags)

    assert widened_at() == (LATER if widens else THEN)
    assert_lists_hold()


@pytest.mark.parametrize("seed", range(4))
def test_lists_and_counts_hold_after_any_edits(seed):
    dice = random.Random(seed)
    tags = [create_tag(name=f"Tag {number}", tag_type="topic").pk for number in range(6)]
    problems: list[int] = []
    done = 0
    for step in range(60):
        edit = dice.choice(EDITS)
        try:
            edit(dice, tags, problems, step)
            done += 1
        except DomainError:
            pass
        if step % 10 == 9:
            assert_lists_hold()
    assert done > 30


def _new_problem(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    problem = create_problem(
        title=f"Problem {step}",
        statement=f"What is {step}?",
        solution="It is.",
        difficulty=dice.choice(["easy", "medium", "hard"]),
        tags=dice.sample(tags, 2),
    )
    problems.append(problem.pk)
    approve_problem(problem_id=problem.pk, by=None, vetting_tier=dice.choice(list(TIERS)))


def _new_tag(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    parent_id = dice.choice([None, *tags])
    tags.append(create_tag(name=f"New {step}", tag_type="topic", parent_id=parent_id).pk)


def _moved_tag(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    move_tag(tag_id=dice.choice(tags), parent_id=dice.choice([None, *tags]))


def _deleted_tag(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    tag_id = dice.choice(tags)
    delete_tag(tag_id=tag_id)
    tags.remove(tag_id)


def _retagged(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    if problems:
        change_problem(
            problem_id=dice.choice(problems),
            tags=dice.sample(tags, dice.randint(0, 3)),
            difficulty=dice.choice(["easy", "hard"]),
        )


def _archived(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    if problems:
        archive_problem(problem_id=dice.choice(problems))


def _restored(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    if problems:
        restore_problem(problem_id=dice.choice(problems))


def _deleted(dice: random.Random, tags: list[int], problems: list[int], step: int) -> None:
    if len(problems) > 3:
        delete_problem(problem_id=problems.pop())


TIERS = ("tier1_manual", "tier2_ai", "tier3_needs_review")
EDITS = (
    _new_problem,
    _new_problem,
    _new_tag,
    _moved_tag,
    _moved_tag,
    _deleted_tag,
    _retagged,
    _retagged,
    _archived,
    _restored,
    _deleted,
)
