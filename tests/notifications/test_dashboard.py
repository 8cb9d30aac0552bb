from datetime import UTC, date, datetime, timedelta

import pytest

from apps.core.models import Heartbeat
from apps.core.services import raise_alert, record_heartbeat, resolve_alert
from apps.notifications.by_day import Day
from apps.notifications.dashboard import dashboard
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    TagSuggestionFactory,
)

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_an_empty_installation_has_figures_too():
    figures = dashboard(NOW)

    assert (figures.due_next_day, figures.uncertain, figures.oldest_due_at) == (0, 0, None)
    assert figures.today == Day(date(2026, 11, 23), 0, 0)
    assert figures.subscribers == {"active": 0, "paused": 0, "unsubscribed": 0}
    assert [row.total for row in figures.bank] == [0, 0, 0, 0, 0]
    assert (list(figures.interests), list(figures.open_alerts)) == ([], [])


def test_due_are_the_active_of_the_next_24_hours():
    SubscriptionFactory(next_delivery_at=NOW - timedelta(minutes=1))
    SubscriptionFactory(next_delivery_at=NOW + timedelta(hours=24))
    SubscriptionFactory(next_delivery_at=NOW + timedelta(hours=24, minutes=1))
    SubscriptionFactory(status="paused", next_delivery_at=None)

    figures = dashboard(NOW)

    assert figures.due_next_day == 2
    assert figures.subscribers == {"active": 3, "paused": 1, "unsubscribed": 0}
    assert figures.subscriber_count == 4


def test_the_bank_is_counted_by_status_and_difficulty():
    ProblemFactory(difficulty="easy")
    ProblemFactory.create_batch(2, difficulty="hard")
    ProblemFactory(status="pending", difficulty="", approved_at=None)
    ProblemFactory(status="draft", approved_at=None)

    figures = dashboard(NOW)

    assert {row.status: list(row.counts) for row in figures.bank} == {
        "draft": [0, 1, 0, 0],
        "pending": [0, 0, 0, 1],
        "approved": [1, 0, 2, 0],
        "rejected": [0, 0, 0, 0],
        "archived": [0, 0, 0, 0],
    }
    assert (figures.problem_count("pending"), figures.problem_count("approved")) == (1, 3)


def test_interests_are_the_top_of_the_tree_with_most_problems_first():
    languages, databases = TagFactory(name="Languages"), TagFactory(name="Databases")
    python = TagFactory(name="Python", parent=languages)
    ProblemFactory.create_batch(2, tags=[python])
    ProblemFactory(tags=[databases])

    assert list(dashboard(NOW).interests) == [("Languages", 2), ("Databases", 1)]


def test_what_waits_for_people_is_counted():
    TagSuggestionFactory.create_batch(2)
    raise_alert("gone")
    resolve_alert("gone")
    for number in range(8):
        raise_alert(f"kind {number}")
    record_heartbeat("beat")

    figures = dashboard(NOW)

    assert figures.suggestion_count == 2
    assert (figures.open_alert_count, len(figures.open_alerts)) == (8, 6)
    assert figures.open_alerts[0].kind == "kind 7"
    assert list(figures.heartbeats) == list(Heartbeat.objects.all())


def test_the_oldest_wait_is_that_of_any_mail():
    DeliveryFactory(due_at=NOW - timedelta(minutes=3))
    DeliveryFactory(due_at=NOW - timedelta(minutes=9))
    DeliveryFactory(
        due_at=NOW,
        status="uncertain",
        attempts=1,
        message_id="<1@x>",
        uncertain_count=1,
        not_before=NOW,
    )

    figures = dashboard(NOW)

    assert (figures.oldest_due_at, figures.uncertain) == (NOW - timedelta(minutes=9), 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_figures_take_a_constant_number_of_queries(rows, django_assert_num_queries):
    for number in range(rows):
        SentDeliveryFactory(problem__tags=[TagFactory()])
        TagSuggestionFactory()
        raise_alert(f"kind {number}")
        record_heartbeat(f"queue {number}")

    with django_assert_num_queries(11):
        dashboard(NOW)
