from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache

from apps.notifications.by_day import Day, deliveries_by_day
from tests.factories import DeliveryFactory, SentDeliveryFactory

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()
    yield
    cache.clear()


def sent_on(*instants):
    for instant in instants:
        SentDeliveryFactory(due_at=instant, sent_at=instant)


def test_a_day_counts_what_was_sent_on_it_and_what_was_due_on_it_and_went_wrong():
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    # Due yesterday, sent today.
    SentDeliveryFactory(due_at=midnight - timedelta(minutes=1), sent_at=midnight)
    SentDeliveryFactory(due_at=midnight, sent_at=NOW, status="delivered")
    SentDeliveryFactory(due_at=midnight, sent_at=NOW, status="bounced")
    SentDeliveryFactory(due_at=NOW, sent_at=None, status="failed")
    DeliveryFactory(due_at=NOW)
    DeliveryFactory(due_at=NOW, status="cancelled")
    SentDeliveryFactory(due_at=NOW - timedelta(days=2), sent_at=NOW - timedelta(days=2))
    SentDeliveryFactory(due_at=NOW - timedelta(days=3), sent_at=NOW - timedelta(days=3))

    assert deliveries_by_day(NOW, 3) == [
        Day(date(2026, 11, 21), 1, 0),
        Day(date(2026, 11, 22), 0, 0),
        Day(date(2026, 11, 23), 2, 2),
    ]


def test_days_that_are_over_are_counted_once_a_day_and_the_last_two_each_time():
    sent_on(NOW - 3 * DAY, NOW - DAY, NOW)
    before = deliveries_by_day(NOW, 4)

    sent_on(NOW - 3 * DAY, NOW - DAY, NOW)
    soon = deliveries_by_day(NOW, 4)
    cache.clear()
    a_day_later = deliveries_by_day(NOW, 4)

    assert [day.sent for day in before] == [1, 0, 1, 1]
    assert [day.sent for day in soon] == [1, 0, 2, 2]
    assert [day.sent for day in a_day_later] == [2, 0, 2, 2]


def test_a_day_that_has_ended_since_is_counted_when_it_is_first_asked_for():
    sent_on(NOW)
    deliveries_by_day(NOW, 4)

    assert [day.sent for day in deliveries_by_day(NOW + 3 * DAY, 4)] == [1, 0, 0, 0]


def test_one_query_over_the_last_days_alone_is_enough(django_assert_num_queries):
    deliveries_by_day(NOW, 30)

    with django_assert_num_queries(1) as asked:
        deliveries_by_day(NOW, 30)
    assert "2026-11-20T00:00:00+00:00" in asked.captured_queries[0]["sql"]
