import pytest
from django.db import connection

from apps.problems.models import Problem
from apps.problems.search import matching
from tests.factories import ProblemFactory

pytestmark = pytest.mark.django_db


def found(text):
    return [problem.title for problem in matching(Problem.objects.all(), text)]


def test_a_title_weighs_more_than_a_statement_and_that_more_the_more_it_says():
    ProblemFactory(title="Once", statement="A lock, and much else about rows, pages and queues.")
    ProblemFactory(title="Thrice", statement="A lock held for a lock that waits for a lock.")
    ProblemFactory(title="Locks", statement="Who waits for whom?")

    assert found("lock") == ["Locks", "Thrice", "Once"]


def test_what_is_changed_is_found_by_its_new_words_alone():
    problem = ProblemFactory(title="Old", statement="Deadlock.")

    problem.statement = "Livelock."
    problem.save(update_fields=["statement"])

    assert (found("deadlock"), found("livelock")) == ([], ["Old"])


def test_a_search_reads_an_index_and_parses_no_text():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = matching(Problem.objects.all(), "lock").explain(verbose=True)

    assert "Index Scan on public.problem_words" in plan or "Index Scan on problem_words" in plan, (
        plan
    )
    assert "to_tsvector" not in plan


def test_nothing_but_a_search_loads_what_is_searched():
    ProblemFactory()

    assert Problem.objects.get().get_deferred_fields() == {"words"}
