import threading

import pytest
from django.db import connection
from prometheus_client.exposition import generate_latest

from apps.core.models import Tally
from apps.core.tallies import Tallies, TallyCounter, TallyHistogram

SENT = TallyCounter("test_sent", "Sent.", ("outbox", "status"))
LAG = TallyHistogram("test_lag_seconds", "Lag.", (1, 5), ("outbox",))
PLAIN = TallyCounter("test_plain", "Without labels.")


def stored() -> dict[tuple[str, ...], float]:
    return {(row.name, *row.labels): row.total for row in Tally.objects.all()}


def shown(tally) -> list[str]:
    totals = {}
    for row in Tally.objects.all():
        totals.setdefault(row.name, []).append((row.labels, row.total))

    class One:
        def collect(self):
            yield tally.family(totals)

    return [line for line in generate_latest(One()).decode().splitlines() if line[0] != "#"]


@pytest.mark.django_db
def test_counts_of_two_runs_add_up():
    for by in (2, 3):
        tallies = Tallies()
        tallies.count(SENT, "delivery", "sent", by=by)
        tallies.count(SENT, "delivery", "failed")
        tallies.count(PLAIN)
        tallies.save()

    assert shown(SENT) == [
        'test_sent_total{outbox="delivery",status="failed"} 2.0',
        'test_sent_total{outbox="delivery",status="sent"} 5.0',
    ]
    assert shown(PLAIN) == ["test_plain_total 2.0"]


@pytest.mark.django_db
def test_observations_fall_under_the_first_bound_that_is_not_below_them():
    tallies = Tallies()
    for value in (-1, 0, 1, 1.5, 5, 6):
        tallies.observe(LAG, value, "delivery")
    tallies.save()

    assert shown(LAG) == [
        'test_lag_seconds_bucket{le="1.0",outbox="delivery"} 3.0',
        'test_lag_seconds_bucket{le="5.0",outbox="delivery"} 5.0',
        'test_lag_seconds_bucket{le="+Inf",outbox="delivery"} 6.0',
        'test_lag_seconds_count{outbox="delivery"} 6.0',
        'test_lag_seconds_sum{outbox="delivery"} 13.5',
    ]


@pytest.mark.django_db
def test_what_is_saved_is_not_saved_again(django_assert_num_queries):
    tallies = Tallies()
    tallies.count(PLAIN)
    tallies.count(SENT, "account", "sent")

    with django_assert_num_queries(1):
        tallies.save()
        tallies.save()

    assert stored() == {("test_plain",): 1.0, ("test_sent", "account", "sent"): 1.0}


@pytest.mark.django_db(transaction=True)
def test_runs_that_save_at_the_same_time_lose_nothing_and_wait_for_nobody_for_ever():
    labels = [(outbox, status) for outbox in "ab" for status in "cd"]

    def run(order: int) -> None:
        try:
            for _ in range(20):
                tallies = Tallies()
                for pair in labels[::order]:
                    tallies.count(SENT, *pair)
                tallies.save()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert stored() == {("test_sent", *pair): 80.0 for pair in labels}


@pytest.mark.django_db
def test_figures_that_the_database_refuses_are_dropped_with_a_line(caplog):
    tallies = Tallies()
    tallies.count(TallyCounter("x" * 101, "Too long a name."))

    tallies.save()

    assert "tallies_lost" in caplog.text
