"""The database itself refuses what must never be true, whoever writes it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.notifications.models import ConsentEvent, Delivery, Subscription, SubscriptionTag
from tests.factories import (
    DeliveryFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LEASE = {
    "lease_until": datetime(2027, 5, 5, tzinfo=UTC),
    "lease_owner": "7f0d5a4e-0000-4000-8000-000000000000",
}


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"status": "dreaming", "attempts": 1, "message_id": "<a@b>"}, "delivery_status_known"),
        ({"kind": "riddle"}, "delivery_kind_known"),
        ({"reason_code": "whim"}, "delivery_reason_code_known"),
        ({"slot": 0}, "delivery_slot_counts_from_one"),
        ({"status": "claimed"}, "delivery_leased_while_worked_on"),
        ({"status": "planned", **LEASE}, "delivery_leased_while_worked_on"),
        ({"status": "sent", "attempts": 1, "message_id": "<a@b>"}, "delivery_sent_at_when_sent"),
        ({"sent_at": datetime(2027, 5, 5, tzinfo=UTC)}, "delivery_sent_at_when_sent"),
        ({"status": "sending", **LEASE}, "delivery_armed_before_sent"),
        ({"status": "sending", "attempts": 1, **LEASE}, "delivery_armed_before_sent"),
        (
            {"status": "uncertain", "attempts": 1, "message_id": "<a@b>"},
            "delivery_uncertain_is_counted",
        ),
    ],
)
def test_a_delivery_whose_status_and_columns_disagree_is_refused(columns, constraint):
    delivery = DeliveryFactory()

    with refused(constraint), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**columns)


def test_a_slot_holds_one_challenge():
    first = DeliveryFactory()

    with refused("delivery_one_per_slot_and_kind"), transaction.atomic():
        DeliveryFactory(subscription=first.subscription, slot=1)


def test_a_subscriber_gets_a_problem_once():
    first = SentDeliveryFactory()

    with refused("delivery_problem_once"), transaction.atomic():
        DeliveryFactory(subscription=first.subscription, problem=first.problem, slot=2)


def test_a_cancelled_delivery_frees_its_slot_and_its_problem():
    first = DeliveryFactory(status="cancelled")

    again = DeliveryFactory(subscription=first.subscription, problem=first.problem, slot=1)

    assert again.pk != first.pk


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"status": "asleep", "next_delivery_at": None}, "subscription_status_known"),
        ({"bucket": 32}, "subscription_bucket_in_range"),
        ({"difficulties": []}, "subscription_difficulties_known"),
        ({"difficulties": ["brutal"]}, "subscription_difficulties_known"),
        ({"weekdays": []}, "subscription_weekdays_iso"),
        ({"weekdays": [0]}, "subscription_weekdays_iso"),
        ({"next_delivery_at": None}, "subscription_active_has_next"),
        ({"paused_until": datetime(2027, 5, 5).date()}, "subscription_active_not_paused"),
        ({"status": "paused"}, "subscription_idle_has_no_next"),
        ({"delivery_time": time(8, 0, 30)}, "subscription_delivery_time_to_the_minute"),
    ],
)
def test_a_subscription_that_contradicts_itself_is_refused(columns, constraint):
    subscription = SubscriptionFactory()

    with refused(constraint), transaction.atomic():
        Subscription.objects.filter(pk=subscription.pk).update(**columns)


def test_a_person_has_one_subscription():
    subscription = SubscriptionFactory()

    with refused("user_id"), transaction.atomic():
        SubscriptionFactory(user=subscription.user)


def test_an_interest_is_chosen_once():
    tag = TagFactory()
    subscription = SubscriptionFactory(tags=[tag])

    with refused("subscriptiontag_once"), transaction.atomic():
        SubscriptionTag.objects.create(subscription=subscription, tag=tag)


@pytest.mark.parametrize(
    "columns",
    [{"words": "No."}, {"action": "unsubscribed"}, {"door": "x"}, {"created_at": timezone.now()}],
)
def test_what_was_agreed_to_cannot_be_rewritten(columns):
    consent = ConsentEvent.objects.create(
        user=UserFactory(), action="subscribed", words="Yes.", door="api"
    )

    with refused("append-only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=consent.pk).update(**columns)


def test_a_consent_cannot_be_given_to_somebody_else():
    consent = ConsentEvent.objects.create(user=UserFactory(), action="subscribed", door="api")

    with refused("append-only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=consent.pk).update(user=UserFactory())


def test_erasure_may_part_the_person_from_a_consent():
    consent = ConsentEvent.objects.create(user=UserFactory(), action="subscribed", door="api")

    ConsentEvent.objects.filter(pk=consent.pk).update(user=None, address_digest="f" * 64)

    consent.refresh_from_db()
    assert (consent.user, consent.address_digest) == (None, "f" * 64)


def test_a_consent_is_kept_for_three_years():
    ConsentEvent.objects.create(user=UserFactory(), action="subscribed", door="api")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_consentevent"
            " (action, words, door, address_digest, created_at)"
            " VALUES ('subscribed', '', 'api', '', %s)",
            [timezone.now() - timedelta(days=3 * 366 + 1)],
        )

    with refused("append-only"), transaction.atomic():
        ConsentEvent.objects.all().delete()

    assert ConsentEvent.objects.order_by("id").last().delete()[0] == 1
