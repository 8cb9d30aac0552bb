"""What was or is being sent to the caller, and what today holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apps.notifications.models import Delivery, Reading
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

LIST = "/api/deliveries/"
TODAY = "/api/deliveries/today/"
# A Wednesday.
NOW = datetime(2027, 5, 5, 8, 30, tzinfo=UTC)
MISSING = problem(
    404,
    "not_found",
    "There is nothing at this address. Addresses under /api/ end with a slash.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def subscription():
    return SubscriptionFactory(next_delivery_at=NOW + timedelta(days=1))


@pytest.fixture
def ada(subscription):
    return Caller(subscription.user)


def sent(subscription, days_ago=0, **fields):
    at = NOW - timedelta(days=days_ago, minutes=30)
    fields = {"due_at": at, "sent_at": at, "local_date": at.date()} | fields
    return SentDeliveryFactory(subscription=subscription, slot=100 - days_ago, **fields)


def ids(response):
    assert response.status_code == 200, response.content
    return [delivery["id"] for delivery in response.json()["results"]]


def test_a_delivery_says_what_was_sent_when_and_why(ada, subscription):
    tag = TagFactory(name="Python")
    problem = ProblemFactory(title="The loop that sleeps", tags=[tag])
    delivery = sent(
        subscription,
        problem=problem,
        reason_code="interest",
        reason_interest=tag,
        reason_path="Python → asyncio",
    )

    response = ada.get(f"{LIST}{delivery.pk}/")

    assert response.status_code == 200
    assert response.json() == {
        "id": delivery.pk,
        "kind": "challenge",
        "problem": {
            "id": problem.pk,
            "slug": "the-loop-that-sleeps",
            "title": "The loop that sleeps",
            "difficulty": "medium",
            "estimated_minutes": 15,
            "tags": [{"id": tag.pk, "name": "Python", "slug": "python"}],
        },
        "local_date": "2027-05-05",
        "due_at": "2027-05-05T08:00:00Z",
        "status": "sent",
        "sent_at": "2027-05-05T08:00:00Z",
        "reason": {
            "code": "interest",
            "interest": {"id": tag.pk, "name": "Python", "slug": "python"},
            "path": "Python → asyncio",
            "text": "because you follow Python → asyncio",
        },
        "feedback": None,
    }


def test_feedback_comes_with_it_once_given(ada, subscription):
    delivery = sent(subscription)
    Reading.objects.create(
        delivery=delivery, outcome="tried", marked_at=NOW, difficulty_felt="too_hard", rating=4
    )

    assert ada.get(f"{LIST}{delivery.pk}/").json()["feedback"] == {
        "outcome": "tried",
        "difficulty_felt": "too_hard",
        "rating": 4,
        "comment": "",
    }


def test_hints_alone_are_no_feedback(ada, subscription):
    delivery = sent(subscription)
    Reading.objects.create(delivery=delivery, hints_shown=1)

    assert ada.get(f"{LIST}{delivery.pk}/").json()["feedback"] is None


@pytest.mark.parametrize(
    ("fields", "public"),
    [
        ({"status": "sent"}, "sent"),
        ({"status": "delivered"}, "delivered"),
        ({"status": "complained"}, "delivered"),
        ({"status": "bounced"}, "bounced"),
        ({"status": "failed", "sent_at": None}, "failed"),
        (
            {"status": "uncertain", "sent_at": None, "uncertain_count": 1, "not_before": NOW},
            "scheduled",
        ),
    ],
)
def test_the_engine_keeps_its_own_words_to_itself(ada, subscription, fields, public):
    delivery = sent(subscription, **fields)

    assert ada.get(f"{LIST}{delivery.pk}/").json()["status"] == public


def test_what_is_planned_or_called_off_is_not_shown(ada, subscription):
    planned = DeliveryFactory(subscription=subscription)
    cancelled = DeliveryFactory(subscription=subscription, status="cancelled")

    assert ids(ada.get(LIST)) == []
    for hidden in (planned, cancelled):
        assert ada.get(f"{LIST}{hidden.pk}/").json() == MISSING


def test_the_newest_come_first_and_cursors_lead_on(ada, subscription):
    expected = [sent(subscription, days_ago).pk for days_ago in range(5)]

    first = ada.get(f"{LIST}?page_size=2")
    second = ada.get(first.json()["next"])
    third = ada.get(second.json()["next"])

    assert first.json().keys() == {"next", "previous", "results"}
    assert first.json()["previous"] is None
    assert ids(first) + ids(second) + ids(third) == expected
    assert third.json()["next"] is None
    assert ids(ada.get(third.json()["previous"])) == ids(second)


def test_a_row_added_meanwhile_shifts_nothing(ada, subscription):
    older = [sent(subscription, days_ago).pk for days_ago in range(1, 4)]
    first = ada.get(f"{LIST}?page_size=2")

    sent(subscription)

    assert ids(ada.get(first.json()["next"])) == older[2:]


@pytest.mark.parametrize(
    "cursor", ["x", "é", "%00", "", "cD1nYXJiYWdl", "cD0yMDI3LTAxLTAx", "bz0tMQ==", "cj14"]
)
def test_a_cursor_that_is_none_of_ours_is_refused(ada, subscription, cursor):
    sent(subscription)

    assert ada.get(f"{LIST}?cursor={cursor}").status_code in (400, 404)


def test_filters_narrow_the_list(ada, subscription):
    today, yesterday = sent(subscription), sent(subscription, 1)
    solution = sent(subscription, 1, kind="solution", problem=yesterday.problem)
    Reading.objects.create(delivery=yesterday, outcome="solved", marked_at=NOW)

    assert ids(ada.get(f"{LIST}?kind=solution")) == [solution.pk]
    assert ids(ada.get(f"{LIST}?kind=challenge&outcome=solved")) == [yesterday.pk]
    assert ids(ada.get(f"{LIST}?outcome=solved&outcome=tried")) == [yesterday.pk]
    assert ids(ada.get(f"{LIST}?local_date_after=2027-05-05")) == [today.pk]
    assert set(ids(ada.get(f"{LIST}?local_date_before=2027-05-04"))) == {yesterday.pk, solution.pk}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=mail", {"/kind": "invalid_choice"}),
        ("outcome=won", {"/outcome": "invalid_choice"}),
        ("local_date_after=05/05/2027", {"/local_date_after": "invalid"}),
        ("local_date_after=2027-13-01", {"/local_date_after": "invalid"}),
        ("page=2", {"/page": "unknown_parameter"}),
        ("page_size=0", {"/page_size": "invalid"}),
        ("ordering=id", {"/ordering": "unknown_parameter"}),
        ("user=1", {"/user": "unknown_parameter"}),
    ],
)
def test_a_bad_query_is_named(ada, query, expected):
    assert pointers(ada.get(f"{LIST}?{query}")) == expected


def test_somebody_elses_are_404(ada, signed_in):
    theirs = sent(SubscriptionFactory(user=signed_in.user))

    assert ids(ada.get(LIST)) == []
    assert ada.get(f"{LIST}{theirs.pk}/").json() == MISSING


def test_curators_and_admins_see_only_their_own_here(curator, admin, subscription):
    delivery = sent(subscription)

    for caller in (curator, admin):
        assert ids(caller.get(LIST)) == []
        assert caller.get(f"{LIST}{delivery.pk}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(ada, subscription, django_assert_num_queries, count):
    for days_ago in range(count):
        problem = ProblemFactory(tags=[TagFactory()])
        sent(subscription, days_ago, problem=problem, reason_interest=TagFactory())

    with django_assert_num_queries(3):
        ada.get(LIST)


def test_nobody_is_401(api):
    for path in (LIST, TODAY, f"{LIST}1/"):
        assert api.get(path).json() == NOT_AUTHENTICATED


def test_posting_is_405(ada):
    for path in (LIST, TODAY, f"{LIST}1/"):
        assert ada.post(path, {}).json() == METHOD_NOT_ALLOWED


def today(caller):
    response = caller.get(TODAY)
    assert response.status_code == 200, response.content
    body = response.json()
    delivery = body["delivery"]
    return body["state"], body["local_date"], delivery and delivery["id"]


def test_today_without_a_subscription():
    caller = Caller(UserFactory(initial_timezone="Pacific/Kiritimati"))

    assert caller.get(TODAY).json() == {
        "local_date": "2027-05-05",
        "state": "not_subscribed",
        "delivery": None,
        "next_delivery_at": None,
    }


def test_today_once_it_was_sent(ada, subscription):
    delivery = sent(subscription)

    body = ada.get(TODAY).json()

    assert (body["state"], body["local_date"]) == ("sent", "2027-05-05")
    assert body["delivery"] == ada.get(f"{LIST}{delivery.pk}/").json()
    assert body["next_delivery_at"] == "2027-05-06T08:30:00Z"


def test_today_follows_the_subscribers_zone(ada, subscription):
    subscription.timezone = "Pacific/Kiritimati"
    subscription.save()
    delivery = sent(subscription, local_date=date(2027, 5, 5))

    with time_machine.travel(datetime(2027, 5, 5, 9, 59, tzinfo=UTC), tick=False):
        assert today(Caller(subscription.user)) == ("sent", "2027-05-05", delivery.pk)
    with time_machine.travel(datetime(2027, 5, 5, 10, 0, tzinfo=UTC), tick=False):
        assert today(Caller(subscription.user)) == ("due", "2027-05-06", None)


@pytest.mark.parametrize("status", ["planned", "claimed"])
def test_today_while_it_is_planned_shows_nothing_of_it(ada, subscription, status):
    delivery = DeliveryFactory(subscription=subscription, due_at=NOW)
    if status == "claimed":
        Delivery.objects.filter(pk=delivery.pk).update(
            status=status, lease_until=NOW, lease_owner="7" * 32
        )

    assert today(ada) == ("due", "2027-05-05", None)


def test_today_while_it_may_be_under_way(ada, subscription):
    delivery = sent(
        subscription, status="uncertain", sent_at=None, uncertain_count=1, not_before=NOW
    )

    assert today(ada) == ("due", "2027-05-05", delivery.pk)


def test_today_before_its_hour(ada, subscription):
    subscription.next_delivery_at = NOW + timedelta(hours=3)
    subscription.save()

    assert today(ada) == ("due", "2027-05-05", None)


def test_today_on_a_day_without_mail(ada, subscription):
    subscription.weekdays = [1, 2]
    subscription.save()

    assert today(ada) == ("not_today", "2027-05-05", None)


def test_today_when_nothing_is_left(ada, subscription):
    subscription.starved_at = NOW
    subscription.save()
    assert today(ada) == ("no_problem_left", "2027-05-05", None)

    subscription.weekdays = [1, 2]
    subscription.save()
    assert today(ada) == ("not_today", "2027-05-05", None)


def test_today_when_it_failed(ada, subscription):
    delivery = sent(subscription, status="failed", sent_at=None)

    assert today(ada) == ("not_today", "2027-05-05", delivery.pk)


@pytest.mark.parametrize(
    ("status", "state"), [("paused", "paused"), ("unsubscribed", "not_subscribed")]
)
def test_today_while_paused_or_unsubscribed(ada, subscription, status, state):
    subscription.status, subscription.next_delivery_at = status, None
    subscription.save()
    assert today(ada) == (state, "2027-05-05", None)

    delivery = sent(subscription)
    assert today(ada) == ("sent", "2027-05-05", delivery.pk)


def test_today_takes_no_parameters(ada):
    assert pointers(ada.get(f"{TODAY}?kind=solution")) == {"/kind": "unknown_parameter"}


def test_an_unverified_person_is_403():
    caller = Caller(UserFactory(email_verified_at=None))

    assert caller.get(LIST).json() == problem(
        403, "not_verified", "Verify your e-mail address first."
    )
