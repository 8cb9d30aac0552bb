import pytest
from django.db import connection

from apps.core.admin.paginator import EXACT_UP_TO, LAST_PAGE, EstimatingPaginator, estimated_rows
from apps.core.models import Heartbeat
from apps.core.services import record_heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def many() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_heartbeat (name, beat_at, detail)"
            " SELECT 'n' || n, now(), '{}' FROM generate_series(1, 30000) AS n"
        )
        cursor.execute("ANALYZE core_heartbeat")


def test_few_rows_are_counted_exactly():
    record_heartbeat("beat")

    paginator = EstimatingPaginator(Heartbeat.objects.order_by("name"), 50)

    assert (paginator.count, paginator.count_in_words, paginator.num_pages) == (1, "1", 1)


def test_a_big_table_is_estimated_without_reading_all_of_it(many, django_assert_num_queries):
    paginator = EstimatingPaginator(Heartbeat.objects.order_by("name"), 50)

    with django_assert_num_queries(2) as queries:
        words = paginator.count_in_words

    assert words == "about 30,000"
    assert f"LIMIT {EXACT_UP_TO + 1}" in queries.captured_queries[0]["sql"]


def test_a_filtered_list_is_counted_up_to_a_limit(many):
    filtered = Heartbeat.objects.filter(name__startswith="n").order_by("name")
    few = Heartbeat.objects.filter(name__startswith="n12").order_by("name")

    assert EstimatingPaginator(filtered, 50).count_in_words == "more than 10,000"
    assert EstimatingPaginator(few, 50).count_in_words == f"{few.count():,}"
    assert few.count() < EXACT_UP_TO


def test_there_is_no_page_so_far_down_that_reaching_it_is_slow(many):
    paginator = EstimatingPaginator(Heartbeat.objects.order_by("name"), 50)

    assert paginator.num_pages == LAST_PAGE
    assert len(paginator.page(LAST_PAGE).object_list) == 50


def test_an_estimate_that_is_out_of_date_does_not_hide_that_few_rows_are_left(many):
    Heartbeat.objects.filter(name__startswith="n1").delete()
    Heartbeat.objects.filter(name__startswith="n2").delete()

    paginator = EstimatingPaginator(Heartbeat.objects.order_by("name"), 50)

    assert estimated_rows("core_heartbeat") == 30_000
    assert paginator.count_in_words == f"{Heartbeat.objects.count():,}"
