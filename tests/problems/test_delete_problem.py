import pytest

from apps.core.errors import ConflictError, NotFoundError
from apps.problems.models import Problem, ProblemSuggestion, ProblemTag, RankedProblem
from apps.problems.services import create_problem, delete_problem
from apps.tags.models import TagSuggestion
from apps.tags.services import create_tag
from tests.factories import DeliveryFactory, ProblemFactory
from tests.problems.lists import assert_lists_hold, present_counts

pytestmark = pytest.mark.django_db


def test_a_problem_goes_with_its_links():
    create_tag(name="Go", tag_type="language")
    problem = create_problem(title="T", statement="S", tags=["Go", "Bun"])

    delete_problem(problem_id=problem.pk)

    assert not Problem.objects.exists()
    assert not ProblemTag.objects.exists()
    assert not ProblemSuggestion.objects.exists()
    assert TagSuggestion.objects.get().name == "Bun"


def test_an_approved_problem_that_nobody_had_leaves_the_lists():
    tag = create_tag(name="Go", tag_type="language")
    problem, other = ProblemFactory(tags=[tag]), ProblemFactory(tags=[tag])

    delete_problem(problem_id=problem.pk)

    assert set(RankedProblem.objects.values_list("problem", flat=True)) == {other.pk}
    assert present_counts() == {"Go": 1}
    assert_lists_hold()


def test_a_problem_that_was_delivered_stays():
    problem = DeliveryFactory(problem__tags=[create_tag(name="Go", tag_type="language")]).problem

    with pytest.raises(ConflictError) as refusal:
        delete_problem(problem_id=problem.pk)

    assert refusal.value.code == "problem_delivered"
    assert Problem.objects.get() == problem
    assert_lists_hold()


def test_a_problem_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError):
        delete_problem(problem_id=987654)
