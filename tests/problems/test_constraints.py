"""The database itself refuses what must never be true, whoever writes it."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.problems.models import (
    BankState,
    Problem,
    ProblemSuggestion,
    ProblemTag,
    RankedProblem,
)
from tests.factories import ProblemFactory, TagFactory, TagSuggestionFactory

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"slug": "404"}, "problem_slug_shaped"),
        ({"slug": "The-Leak"}, "problem_slug_shaped"),
        ({"slug": ""}, "problem_slug_shaped"),
        ({"title": " "}, "problem_title_one_line"),
        ({"title": "a\nb"}, "problem_title_one_line"),
        ({"title": "a\rb"}, "problem_title_one_line"),
        ({"title": "a\x07b"}, "problem_title_one_line"),
        ({"statement": " \n"}, "problem_statement_not_blank"),
        ({"version": 0}, "problem_version_counts_from_one"),
        ({"estimated_minutes": 0}, "problem_minutes_sane"),
        ({"estimated_minutes": 481}, "problem_minutes_sane"),
        ({"approved_at": None}, "problem_approved_is_complete"),
        ({"difficulty": ""}, "problem_approved_is_complete"),
        ({"solution": " "}, "problem_approved_has_solution"),
        ({"difficulty": "fair"}, "problem_difficulty_known"),
        ({"status": "lost"}, "problem_status_known"),
        ({"vetting_tier": "tier9"}, "problem_vetting_tier_known"),
    ],
)
def test_an_approved_problem_that_breaks_a_rule_is_refused(columns, constraint):
    problem = ProblemFactory()

    with refused(constraint), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(**columns)


def test_a_draft_may_lack_solution_difficulty_and_minutes():
    problem = ProblemFactory(
        status="draft", approved_at=None, solution="", difficulty="", estimated_minutes=None
    )

    assert Problem.objects.get(status="draft") == problem


@pytest.mark.parametrize(
    ("column", "constraint"), [("uuid", "problem_uuid_unique"), ("slug", "problem_slug_unique")]
)
def test_two_problems_have_two_uuids_and_slugs(column, constraint):
    first, second = ProblemFactory(), ProblemFactory()

    with refused(constraint), transaction.atomic():
        Problem.objects.filter(pk=second.pk).update(**{column: getattr(first, column)})


def test_a_problem_carries_a_tag_once():
    tag = TagFactory()
    problem = ProblemFactory(tags=[tag])

    with refused("problemtag_once"), transaction.atomic():
        ProblemTag.objects.create(problem=problem, tag=tag)


def test_a_problem_waits_for_a_suggestion_once():
    problem, suggestion = ProblemFactory(), TagSuggestionFactory()
    ProblemSuggestion.objects.create(problem=problem, suggestion=suggestion, typed_name="a")

    with refused("problemsuggestion_once"), transaction.atomic():
        ProblemSuggestion.objects.create(problem=problem, suggestion=suggestion, typed_name="b")


@pytest.mark.parametrize("tagged", [True, False])
def test_a_problem_stands_in_a_list_once_a_bucket(tagged):
    tag = TagFactory()
    problem = ProblemFactory(tags=[tag])
    row = RankedProblem.objects.filter(problem=problem, tag=tag if tagged else None).first()
    row.pk = None

    with refused("rankedproblem_walk"), transaction.atomic():
        row.save(force_insert=True)


def test_there_are_thirty_two_buckets():
    problem = ProblemFactory()

    with refused("rankedproblem_bucket_in_range"), transaction.atomic():
        RankedProblem.objects.create(problem=problem, bucket=32, tier=1, rank=1, difficulty="easy")


def test_the_bank_has_one_state():
    with refused("bankstate_single_row"), transaction.atomic():
        BankState.objects.create(pk=2, widened_at=timezone.now())


def test_a_tag_on_a_problem_stays():
    problem = ProblemFactory(tags=[TagFactory()])
    tag_id = problem.tags.get().pk

    with connection.cursor() as cursor, refused("tag_id"), transaction.atomic():
        cursor.execute("DELETE FROM tags_tagname")
        cursor.execute("DELETE FROM tags_tag WHERE id = %s", [tag_id])
        connection.check_constraints()


def test_uuids_are_made_for_whoever_brings_none():
    assert ProblemFactory().uuid != ProblemFactory().uuid != uuid4()
