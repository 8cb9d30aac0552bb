"""Export and erasure reach what the upper apps hold."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.mail.message import address_digest
from apps.notifications.models import ConsentEvent, Delivery, Reading, Subscription
from apps.notifications.services import subscribe
from apps.problems.models import Problem
from apps.tags.models import TagSuggestionRequest
from tests.api import Caller
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    TagSuggestionFactory,
    UserFactory,
)

EXPORT = "/api/accounts/me/export/"
ERASE = "/api/accounts/me/erase/"
BODY = {"current_password": "correct horse battery"}
SENT_AT = datetime(2027, 5, 5, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    user = UserFactory(email="ada@example.org")
    tag = TagFactory(slug="python")
    subscribe(user=user, tag_ids=[tag.pk], timezone="Europe/London", door="api", words="Yes.")
    subscription = Subscription.objects.get()
    sent = SentDeliveryFactory(
        subscription=subscription, reason_interest=tag, reason_path="Python", reason_code="interest"
    )
    Reading.objects.create(
        delivery=sent, outcome="solved", marked_at=SENT_AT, comment="My own words", rating=5
    )
    DeliveryFactory(subscription=subscription, slot=2)
    ProblemFactory(title="Of my own", author=user)
    request = TagSuggestionFactory(name="Bun")
    TagSuggestionRequest.objects.create(suggestion=request, user=user, reason="I use it")
    return Caller(user)


def test_the_export_holds_every_section(ada):
    sections = ada.get(EXPORT).json()["sections"]

    assert sections.keys() == {
        "account",
        "consent",
        "deliveries",
        "problems",
        "subscription",
        "tag_requests",
    }
    assert sections["subscription"]["timezone"] == "Europe/London"
    assert sections["subscription"]["tags"] == ["python"]
    assert [delivery["status"] for delivery in sections["deliveries"]] == ["sent", "planned"]
    assert sections["deliveries"][0]["reading__comment"] == "My own words"
    assert [event["words"] for event in sections["consent"]] == ["Yes."]
    assert [problem["title"] for problem in sections["problems"]] == ["Of my own"]
    assert [request["reason"] for request in sections["tag_requests"]] == ["I use it"]


def test_the_export_of_somebody_without_anything_is_empty():
    sections = Caller(UserFactory()).get(EXPORT).json()["sections"]

    assert {name: found for name, found in sections.items() if name != "account"} == {
        "consent": [],
        "deliveries": [],
        "problems": [],
        "subscription": None,
        "tag_requests": [],
    }


def test_the_number_of_queries_of_an_export_does_not_grow(ada, django_assert_num_queries):
    subscription = Subscription.objects.get()
    for slot in (3, 4, 5):
        SentDeliveryFactory(subscription=subscription, slot=slot)

    with django_assert_num_queries(14):
        ada.get(EXPORT)


def test_erasing_ends_the_subscription_and_keeps_counts(ada):
    response = ada.post(ERASE, BODY)

    assert response.status_code == 204
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.next_delivery_at, subscription.timezone) == (
        "unsubscribed",
        None,
        "UTC",
    )
    assert not subscription.tags.exists()
    assert list(Delivery.objects.order_by("slot").values_list("status", flat=True)) == [
        "sent",
        "cancelled",
    ]
    sent = Delivery.objects.get(status="sent")
    assert (sent.reason_interest, sent.reason_path) == (None, "")
    reading = Reading.objects.get()
    assert (reading.outcome, reading.rating, reading.comment) == ("solved", 5, "")


def test_consent_outlives_the_person_as_a_keyed_hash(ada):
    ada.post(ERASE, BODY)

    events = ConsentEvent.objects.order_by("created_at").values_list(
        "user", "action", "door", "address_digest"
    )
    digest = address_digest("ada@example.org")
    assert list(events) == [
        (None, "subscribed", "api", digest),
        (None, "unsubscribed", "erasure", digest),
    ]


def test_what_they_wrote_and_asked_for_is_nobodys(ada):
    ada.post(ERASE, BODY)

    assert Problem.objects.get(title="Of my own").author is None
    assert not TagSuggestionRequest.objects.exists()


def test_erasing_twice_unsubscribed_records_no_second_farewell():
    subscription = SubscriptionFactory(status="unsubscribed", next_delivery_at=None)

    Caller(subscription.user).post(ERASE, BODY)

    assert not ConsentEvent.objects.exists()


def test_erasing_touches_nobody_else(ada):
    other = SubscriptionFactory(next_delivery_at=SENT_AT + timedelta(days=1))
    theirs = DeliveryFactory(subscription=other)

    ada.post(ERASE, BODY)

    other.refresh_from_db()
    theirs.refresh_from_db()
    assert (other.status, theirs.status) == ("active", "planned")
