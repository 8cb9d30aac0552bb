"""One's own subscription over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.notifications.models import ConsentEvent, Reading, Subscription
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import SentDeliveryFactory, SubscriptionFactory, TagFactory, UserFactory

PATH = "/api/subscription/"
NOW = datetime(2027, 5, 5, 6, tzinfo=UTC)
NONE_YET = problem(404, "not_subscribed", "You have no subscription yet.")
GONE = problem(409, "not_subscribed", "You have unsubscribed; subscribe again first.")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return Caller(UserFactory(email="ada@example.org", initial_timezone="Europe/London"))


@pytest.fixture
def subscribed():
    return Caller(SubscriptionFactory(next_delivery_at=NOW + timedelta(hours=2)).user)


def subscription_of(caller):
    return Subscription.objects.get(user=caller.user)


def test_nobody_is_subscribed_by_registering(ada):
    response = ada.get(PATH)

    assert (response.status_code, response.json()) == (404, NONE_YET)


def test_subscribing_takes_consent_and_as_few_wishes_as_one_likes(ada):
    response = ada.post(PATH, {"consent": True})

    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/subscription/"
    assert response.json() == {
        "status": "active",
        "tags": [],
        "difficulties": ["easy", "medium", "hard"],
        "delivery_time": "08:00",
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "timezone": "Europe/London",
        "send_solutions": True,
        "paused_until": None,
        "subscribed_at": "2027-05-05T06:00:00Z",
        "next_delivery_at": "2027-05-05T07:00:00Z",
        "streak": {"current": 0, "longest": 0},
    }
    assert ada.get(PATH).json() == response.json()
    consent = ConsentEvent.objects.get()
    assert (consent.user, consent.action, consent.door) == (ada.user, "subscribed", "api")
    assert consent.words


def test_every_wish_is_kept(ada):
    tag, other = TagFactory(slug="python"), TagFactory()

    body = ada.post(
        PATH,
        {
            "tags": ["python", other.pk],
            "difficulties": ["hard", "easy"],
            "delivery_time": "21:30",
            "timezone": "Asia/Kathmandu",
            "weekdays": [5, 1],
            "send_solutions": False,
            "consent": True,
        },
    ).json()

    assert [found["id"] for found in body["tags"]] == [tag.pk, other.pk]
    assert {
        name: body[name]
        for name in ("difficulties", "delivery_time", "timezone", "weekdays", "send_solutions")
    } == {
        "difficulties": ["easy", "hard"],
        "delivery_time": "21:30",
        "timezone": "Asia/Kathmandu",
        "weekdays": [1, 5],
        "send_solutions": False,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/consent": "required"}),
        ({"consent": False}, {"/consent": "consent_missing"}),
        ({"consent": "true"}, {"/consent": "invalid"}),
        ({"consent": True, "tags": ["nothing"]}, {"/tags/0": "does_not_exist"}),
        ({"consent": True, "tags": list(range(11))}, {"/tags": "max_length"}),
        ({"consent": True, "tags": None}, {"/tags": "null"}),
        ({"consent": True, "difficulties": []}, {"/difficulties": "min_length"}),
        ({"consent": True, "difficulties": ["king"]}, {"/difficulties/0": "invalid_choice"}),
        ({"consent": True, "difficulties": "easy"}, {"/difficulties": "not_a_list"}),
        ({"consent": True, "delivery_time": "24:00"}, {"/delivery_time": "invalid"}),
        ({"consent": True, "delivery_time": 8.5}, {"/delivery_time": "invalid"}),
        ({"consent": True, "delivery_time": True}, {"/delivery_time": "invalid"}),
        ({"consent": True, "timezone": "GMT+5"}, {"/timezone": "unknown_timezone"}),
        ({"consent": True, "timezone": "utc"}, {"/timezone": "unknown_timezone"}),
        ({"consent": True, "timezone": ""}, {"/timezone": "blank"}),
        ({"consent": True, "weekdays": [0]}, {"/weekdays/0": "min_value"}),
        ({"consent": True, "weekdays": [8]}, {"/weekdays/0": "max_value"}),
        ({"consent": True, "weekdays": []}, {"/weekdays": "min_length"}),
        ({"consent": True, "weekdays": [True]}, {"/weekdays/0": "invalid"}),
        ({"consent": True, "send_solutions": "no"}, {"/send_solutions": "invalid"}),
        ({"consent": True, "status": "active"}, {"/status": "unknown_field"}),
        ({"consent": True, "bucket": 3}, {"/bucket": "unknown_field"}),
    ],
)
def test_bad_wishes_are_named_and_nobody_is_subscribed(ada, body, expected):
    assert pointers(ada.post(PATH, body)) == expected
    assert not Subscription.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_subscribing_twice_is_a_conflict(subscribed):
    response = subscribed.post(PATH, {"consent": True})

    assert response.status_code == 409
    assert response.json() == problem(409, "already_subscribed", "You are subscribed already.")


def test_whoever_unsubscribed_may_come_back(subscribed):
    subscribed.post(f"{PATH}unsubscribe/")

    response = subscribed.post(PATH, {"consent": True, "delivery_time": "09:00"})

    assert (response.status_code, response.has_header("Location")) == (200, False)
    assert (response.json()["status"], response.json()["delivery_time"]) == ("active", "09:00")


def test_a_change_touches_only_what_it_names(subscribed):
    before = subscribed.get(PATH).json()

    response = subscribed.patch(PATH, {"send_solutions": False})

    assert response.status_code == 200
    assert response.json() == before | {"send_solutions": False}


def test_a_change_of_the_hour_moves_the_next_challenge(subscribed):
    body = subscribed.patch(PATH, {"delivery_time": "09:15", "timezone": "Europe/London"}).json()

    assert (body["delivery_time"], body["next_delivery_at"]) == ("09:15", "2027-05-05T08:15:00Z")


def test_tags_are_replaced(subscribed):
    TagFactory(slug="old")
    TagFactory(slug="new")
    subscribed.patch(PATH, {"tags": ["old"]})

    body = subscribed.patch(PATH, {"tags": ["new"]}).json()

    assert [tag["slug"] for tag in body["tags"]] == ["new"]
    assert subscribed.patch(PATH, {"tags": []}).json()["tags"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "paused"}, {"/status": "unknown_field"}),
        ({"consent": True}, {"/consent": "unknown_field"}),
        ({"next_delivery_at": None}, {"/next_delivery_at": "unknown_field"}),
        ({"delivery_time": None}, {"/delivery_time": "null"}),
    ],
)
def test_what_may_not_be_changed_is_named(subscribed, body, expected):
    assert pointers(subscribed.patch(PATH, body)) == expected


def test_a_change_before_subscribing_is_404(ada):
    assert ada.patch(PATH, {"send_solutions": False}).json() == NONE_YET


def test_a_stale_if_match_is_412_and_changes_nothing(subscribed):
    etag = subscribed.get(PATH)["ETag"]
    subscribed.patch(PATH, {"delivery_time": "09:00"})

    response = subscribed.patch(PATH, {"delivery_time": "10:00"}, HTTP_IF_MATCH=etag)

    assert response.status_code == 412
    assert response.json() == problem(
        412, "precondition_failed", "This has changed since you read it; read it again."
    )
    assert subscribed.get(PATH).json()["delivery_time"] == "09:00"


def test_a_fresh_if_match_is_honoured_and_the_answer_names_the_next(subscribed):
    etag = subscribed.get(PATH)["ETag"]

    response = subscribed.patch(PATH, {"delivery_time": "09:00"}, HTTP_IF_MATCH=etag)

    assert response.status_code == 200
    assert response["ETag"] == subscribed.get(PATH)["ETag"] != etag


@pytest.mark.parametrize("sent", ["*", '"other", {etag}'])
def test_other_spellings_of_a_match(subscribed, sent):
    etag = subscribed.get(PATH)["ETag"]

    response = subscribed.patch(PATH, {}, HTTP_IF_MATCH=sent.format(etag=etag))

    assert response.status_code == 200


@pytest.mark.parametrize("sent", ["W/{etag}", "nonsense", ""])
def test_what_never_matches(subscribed, sent):
    etag = subscribed.get(PATH)["ETag"]

    response = subscribed.patch(PATH, {}, HTTP_IF_MATCH=sent.format(etag=etag))

    assert response.status_code == 412


def test_pausing_until_a_day_and_resuming(subscribed):
    paused = subscribed.post(f"{PATH}pause/", {"until": "2027-05-20"}).json()

    assert (paused["status"], paused["paused_until"], paused["next_delivery_at"]) == (
        "paused",
        "2027-05-20",
        None,
    )
    assert subscribed.post(f"{PATH}pause/").json()["paused_until"] is None
    resumed = subscribed.post(f"{PATH}resume/").json()
    assert (resumed["status"], resumed["next_delivery_at"]) == ("active", "2027-05-05T08:00:00Z")
    assert subscribed.post(f"{PATH}resume/").json() == resumed


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2027-05-05", "invalid"),
        ("2027-05-03", "out_of_range"),
        ("0001-01-01", "out_of_range"),
        ("9999-12-31", "out_of_range"),
        ("20.05.2027", "invalid"),
        ("2027-02-30", "invalid"),
        (20270520, "invalid"),
        ("", "invalid"),
    ],
)
def test_a_pause_ends_on_a_day_ahead(subscribed, until, code):
    response = subscribed.post(f"{PATH}pause/", {"until": until})

    assert pointers(response) == {"/until": code}
    assert subscription_of(subscribed).status == "active"


def test_unsubscribing_is_idempotent_and_ends_pausing_and_resuming(subscribed):
    body = subscribed.post(f"{PATH}unsubscribe/").json()

    assert (body["status"], body["next_delivery_at"]) == ("unsubscribed", None)
    assert subscribed.post(f"{PATH}unsubscribe/").json() == body
    assert subscribed.post(f"{PATH}pause/").json() == GONE
    assert subscribed.post(f"{PATH}resume/").json() == GONE
    assert ConsentEvent.objects.filter(action="unsubscribed").count() == 1


@pytest.mark.parametrize("action", ["pause", "resume", "unsubscribe"])
def test_actions_before_subscribing_are_404(ada, action):
    assert ada.post(f"{PATH}{action}/").json() == NONE_YET


@pytest.mark.parametrize("action", ["pause", "resume", "unsubscribe"])
def test_actions_take_no_other_fields(subscribed, action):
    response = subscribed.post(f"{PATH}{action}/", {"user": 1})

    assert pointers(response) == {"/user": "unknown_field"}


def test_the_streak_counts_marked_challenges(subscribed):
    subscription = subscription_of(subscribed)
    for slot, outcome in ((1, "solved"), (2, "tried"), (3, "")):
        delivery = SentDeliveryFactory(subscription=subscription, slot=slot)
        if outcome:
            Reading.objects.create(delivery=delivery, outcome=outcome, marked_at=NOW)

    assert subscribed.get(PATH).json()["streak"] == {"current": 2, "longest": 2}


def test_reading_it_is_four_queries(subscribed, django_assert_num_queries):
    subscribed.patch(PATH, {"tags": [TagFactory().pk for _ in range(3)]})

    with django_assert_num_queries(4):
        subscribed.get(PATH)


def test_it_is_never_kept_by_a_cache(subscribed):
    assert subscribed.get(PATH)["Cache-Control"] == "private, no-store"


def test_nobody_is_401(api):
    for response in (
        api.get(PATH),
        api.post(PATH, {"consent": True}),
        api.patch(PATH, {}),
        api.post(f"{PATH}pause/"),
        api.post(f"{PATH}resume/"),
        api.post(f"{PATH}unsubscribe/"),
    ):
        assert (response.status_code, response.json()) == (401, NOT_AUTHENTICATED)


def test_an_unverified_person_is_403(api):
    caller = Caller(UserFactory(email_verified_at=None))

    response = caller.post(PATH, {"consent": True})

    assert response.status_code == 403
    assert response.json() == problem(403, "not_verified", "Verify your e-mail address first.")


def test_putting_and_deleting_are_405(subscribed):
    assert subscribed.put(PATH, {}).json() == METHOD_NOT_ALLOWED
    assert subscribed.delete(PATH).json() == METHOD_NOT_ALLOWED
    assert subscribed.get(f"{PATH}pause/").json() == METHOD_NOT_ALLOWED


def test_writing_is_limited(subscribed, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": (2, 60)}

    statuses = [subscribed.patch(PATH, {}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
