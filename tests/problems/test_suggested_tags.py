"""Journey 3: a decision on a suggested name reaches exactly the problems that asked."""

import pytest

from apps.problems.models import Problem
from apps.problems.services import approve_problem, change_problem, create_problem
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import (
    approve_suggestion,
    create_tag,
    merge_suggestion,
    reject_suggestion,
)
from tests.factories import UserFactory
from tests.problems.lists import assert_lists_hold, present_counts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree() -> None:
    create_tag(name="React", tag_type="framework", aliases=["ReactJS"])
    create_tag(name="Python", tag_type="language")


def problem(title: str, *tags: str) -> Problem:
    return create_problem(
        title=title,
        statement=f"S {title}",
        solution="S",
        difficulty="easy",
        tags=["ReactJS", "python", *tags],
        author=UserFactory(),
    )


def suggestion(name: str) -> TagSuggestion:
    return TagSuggestion.objects.get(name=name)


def seen(one: Problem) -> tuple[list[str], list[str]]:
    """Its tags, and the names it still waits for."""
    one.refresh_from_db()
    links = one.problem_tags.order_by("id").select_related("tag")
    return [link.tag.name for link in links], one.problem_metadata["suggested_tags"]


def test_an_approved_name_attaches_to_those_that_wait_and_no_others():
    waiting, other = problem("A", "Bun"), problem("B", "Deno")
    approve_problem(problem_id=waiting.pk, by=None)
    assert seen(waiting) == (["React", "Python"], ["Bun"])

    parent = create_tag(name="JavaScript", tag_type="language")
    approve_suggestion(
        suggestion_id=suggestion("Bun").pk, by=None, tag_type="tool", parent_id=parent.pk
    )

    assert seen(waiting) == (["React", "Python", "Bun"], [])
    assert seen(other) == (["React", "Python"], ["Deno"])
    assert present_counts() == {"React": 1, "Python": 1, "JavaScript": 1, "Bun": 1}
    assert_lists_hold()


def test_a_merged_name_attaches_the_tag_it_became_an_alias_of():
    first, second = problem("A", "Bun"), problem("B", "BUN")
    approve_problem(problem_id=first.pk, by=None)
    runtime = create_tag(name="JavaScript runtimes", tag_type="topic")

    merge_suggestion(suggestion_id=suggestion("Bun").pk, into_id=runtime.pk, by=None)

    assert seen(first) == seen(second) == (["React", "Python", "JavaScript runtimes"], [])
    assert_lists_hold()


def test_a_name_merged_into_a_tag_that_the_problem_carries_already_changes_nothing():
    one = problem("A", "Reakt")
    react = Tag.objects.get(name="React")

    merge_suggestion(suggestion_id=suggestion("Reakt").pk, into_id=react.pk, by=None)

    assert seen(one) == (["React", "Python"], [])


def test_a_rejected_name_never_comes_back_and_the_author_sees_why():
    one = problem("A", "Blub")

    reject_suggestion(suggestion_id=suggestion("Blub").pk, by=None, note="Not a thing.")

    assert seen(one) == (["React", "Python"], [])
    assert one.problem_metadata["rejected_tags"] == [{"name": "Blub", "note": "Not a thing."}]
    again = problem("B", "blub")
    assert seen(again) == (["React", "Python"], [])
    assert again.problem_metadata["rejected_tags"] == [{"name": "blub", "note": "Not a thing."}]
    assert TagSuggestion.objects.filter(status="pending").count() == 0


def test_a_problem_that_asks_no_longer_is_not_reached():
    one = problem("A", "Bun")
    change_problem(problem_id=one.pk, tags=["Python"])

    approve_suggestion(suggestion_id=suggestion("Bun").pk, by=None, tag_type="tool")

    assert seen(one) == (["Python"], [])


def test_a_name_decided_before_attaches_by_itself():
    problem("A", "bunjs")
    approve_suggestion(suggestion_id=suggestion("bunjs").pk, by=None, name="Bun", tag_type="tool")

    assert seen(problem("B", "BunJS")) == (["React", "Python", "Bun"], [])


def test_a_tag_created_by_hand_reaches_those_that_wait_for_its_name():
    one = problem("A", "Bun")

    create_tag(name="BUN", tag_type="tool")

    assert seen(one) == (["React", "Python", "BUN"], [])


def test_other_metadata_is_left_alone():
    one = problem("A", "Bun")
    Problem.objects.filter(pk=one.pk).update(
        problem_metadata={"model": "m", "suggested_tags": ["Bun"]}
    )

    reject_suggestion(suggestion_id=suggestion("Bun").pk, by=None)

    one.refresh_from_db()
    assert one.problem_metadata == {
        "model": "m",
        "suggested_tags": [],
        "rejected_tags": [{"name": "Bun", "note": ""}],
    }
