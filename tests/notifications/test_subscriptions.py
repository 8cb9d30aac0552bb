"""Subscribe, change, pause, resume, unsubscribe: what each leaves behind."""

import threading
import time as monotonic_time
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.notifications.models import ConsentEvent, Delivery, Subscription
from apps.notifications.services import (
    change_subscription,
    pause_subscription,
    plan_due,
    resume_subscription,
    subscribe,
    unsubscribe,
)
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

NOW = datetime(2027, 5, 5, 7, 30, 20, tzinfo=UTC)
YESTERDAY_AT_EIGHT = datetime(2027, 5, 4, 8, tzinfo=UTC)
TODAY_AT_EIGHT = datetime(2027, 5, 5, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_subscribing_plans_the_next_slot_and_records_the_consent():
    tag = TagFactory()
    user = UserFactory(initial_timezone="Europe/Berlin")

    subscription, is_new = subscribe(
        user=user, tag_ids=[tag.pk], delivery_time=time(9, 45), door="api", words="Yes, daily."
    )

    assert is_new
    subscription.refresh_from_db()
    assert {
        "status": subscription.status,
        "tags": list(subscription.tags.all()),
        "timezone": subscription.timezone,
        "difficulties": subscription.difficulties,
        "weekdays": subscription.weekdays,
        "next": subscription.next_delivery_at,
        "slots": subscription.slot_count,
    } == {
        "status": "active",
        "tags": [tag],
        "timezone": "Europe/Berlin",
        "difficulties": ["easy", "medium", "hard"],
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "next": datetime(2027, 5, 5, 7, 45, tzinfo=UTC),
        "slots": 0,
    }
    consent = ConsentEvent.objects.get()
    assert (consent.user, consent.action, consent.words, consent.door) == (
        user,
        "subscribed",
        "Yes, daily.",
        "api",
    )


def test_who_chooses_the_present_minute_is_served_at_once():
    ProblemFactory(tags=[TagFactory()])

    subscribe(user=UserFactory(), delivery_time=time(7, 30), door="api")

    assert plan_due()["planned"] == 1


def test_subscribing_twice_is_a_conflict():
    user = SubscriptionFactory().user

    with pytest.raises(ConflictError) as caught:
        subscribe(user=user, door="api")

    assert caught.value.code == "already_subscribed"
    assert not ConsentEvent.objects.exists()


def test_an_unverified_address_cannot_subscribe():
    with pytest.raises(ConflictError) as caught:
        subscribe(user=UserFactory(email_verified_at=None), door="api")

    assert caught.value.code == "not_verified"
    assert not Subscription.objects.exists()


def test_subscribing_again_after_unsubscribing_keeps_history_and_spacing():
    subscription = SubscriptionFactory(status="unsubscribed", next_delivery_at=None)
    SentDeliveryFactory(subscription=subscription, due_at=NOW - timedelta(hours=1))

    again, is_new = subscribe(user=subscription.user, delivery_time=time(7, 30), door="api")

    assert (again.pk, is_new, again.status) == (subscription.pk, False, "active")
    assert again.slot_count == 1
    assert again.next_delivery_at == datetime(2027, 5, 6, 7, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_subscribing_at_once_make_one_subscription():
    user = UserFactory()
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def attempt() -> None:
        start.wait()
        try:
            subscribe(user=user, door="api")
            outcomes.append("made")
        except ConflictError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_subscribed"] * 3 + ["made"]
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "GMT+5"}, "timezone"),
        ({"timezone": "utc"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays"),
        ({"weekdays": [1, 8]}, "weekdays"),
        ({"difficulties": []}, "difficulties"),
        ({"difficulties": ["brutal"]}, "difficulties"),
        ({"delivery_time": time(8, 0, 1)}, "delivery_time"),
        ({"tag_ids": [10**9]}, "tags"),
        ({"status": "active"}, "status"),
        ({"slot_count": 3}, "slot_count"),
    ],
)
def test_a_wish_out_of_range_is_refused_and_changes_nothing(changes, field):
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT)
    before = Subscription.objects.filter(pk=subscription.pk).values().get()

    with pytest.raises(InvalidInputError) as caught:
        change_subscription(user=subscription.user, send_solutions=False, **changes)

    assert caught.value.field == field
    assert Subscription.objects.filter(pk=subscription.pk).values().get() == before


def test_more_than_ten_interests_are_refused():
    subscription = SubscriptionFactory()

    with pytest.raises(InvalidInputError, match="at most 10"):
        change_subscription(
            user=subscription.user, tag_ids=[tag.pk for tag in TagFactory.create_batch(11)]
        )

    assert not subscription.tags.exists()


def test_interests_are_replaced_and_hunger_forgotten():
    kept, dropped, added = TagFactory.create_batch(3)
    subscription = SubscriptionFactory(tags=[kept, dropped], starved_at=NOW)

    changed = change_subscription(user=subscription.user, tag_ids=[kept.pk, added.pk])

    assert set(changed.tags.all()) == {kept, added}
    assert changed.starved_at is None


def test_an_earlier_hour_that_has_passed_today_is_served_now_once():
    ProblemFactory.create_batch(3, tags=[TagFactory()])
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT)
    SentDeliveryFactory(subscription=subscription, due_at=YESTERDAY_AT_EIGHT)

    change_subscription(user=subscription.user, delivery_time=time(7))
    plan_due()
    plan_due()

    due = list(Delivery.objects.filter(status="planned").values_list("due_at", "slot"))
    assert due == [(datetime(2027, 5, 5, 7, tzinfo=UTC), 2)]


def test_a_later_hour_after_todays_challenge_brings_nothing_more_today():
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT + timedelta(days=1))
    SentDeliveryFactory(subscription=subscription, due_at=TODAY_AT_EIGHT - timedelta(hours=1))

    changed = change_subscription(user=subscription.user, delivery_time=time(9))

    assert changed.next_delivery_at == datetime(2027, 5, 6, 9, tzinfo=UTC)


def test_a_change_of_hour_calls_off_what_is_planned_and_the_same_problem_comes_later():
    problems = [ProblemFactory(tags=[TagFactory()]) for _ in range(4)]
    subscription = SubscriptionFactory(next_delivery_at=NOW - timedelta(minutes=10))
    plan_due()
    first = Delivery.objects.get()

    changed = change_subscription(user=subscription.user, delivery_time=time(9))

    first.refresh_from_db()
    assert (first.status, first.last_code) == ("cancelled", "rescheduled")
    assert (changed.slot_count, changed.last_due_at) == (0, None)
    assert changed.next_delivery_at == datetime(2027, 5, 5, 9, tzinfo=UTC)
    with time_machine.travel(datetime(2027, 5, 5, 9, 0, 5, tzinfo=UTC), tick=False):
        plan_due()
    second = Delivery.objects.get(status="planned")
    assert (second.slot, second.problem_id) == (1, first.problem_id)
    assert second.problem_id in {problem.pk for problem in problems}


def test_a_change_of_hour_leaves_what_is_claimed_alone():
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT + timedelta(days=1))
    delivery = DeliveryFactory(
        subscription=subscription,
        due_at=NOW,
        status="claimed",
        lease_until=NOW + timedelta(minutes=5),
        lease_owner="7f0d5a4e-0000-4000-8000-000000000000",
    )

    changed = change_subscription(user=subscription.user, delivery_time=time(9))

    delivery.refresh_from_db()
    assert delivery.status == "claimed"
    assert changed.next_delivery_at == datetime(2027, 5, 6, 9, tzinfo=UTC)


def test_changing_nothing_of_the_schedule_leaves_the_next_instant():
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT)

    changed = change_subscription(
        user=subscription.user, timezone="UTC", delivery_time=time(8), send_solutions=False
    )

    assert changed.next_delivery_at == TODAY_AT_EIGHT


@pytest.mark.parametrize(
    "stop", [pause_subscription, lambda user: unsubscribe(user=user, door="api")]
)
def test_stopping_calls_off_what_is_not_armed_and_frees_its_slot(stop):
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT + timedelta(days=1))
    sent = SentDeliveryFactory(subscription=subscription, due_at=YESTERDAY_AT_EIGHT)
    planned = DeliveryFactory(subscription=subscription, slot=2, due_at=NOW)
    solution = DeliveryFactory(
        subscription=subscription,
        slot=1,
        kind="solution",
        problem=sent.problem,
        due_at=TODAY_AT_EIGHT,
    )

    stopped = stop(user=subscription.user)

    assert stopped.next_delivery_at is None
    assert (stopped.slot_count, stopped.last_due_at) == (1, YESTERDAY_AT_EIGHT)
    statuses = dict(Delivery.objects.values_list("id", "status"))
    assert statuses == {sent.pk: "sent", planned.pk: "cancelled", solution.pk: "cancelled"}


def test_stopping_waits_for_the_one_row_under_way(monkeypatch):
    subscription = SubscriptionFactory()
    row = DeliveryFactory(
        subscription=subscription,
        status="sending",
        attempts=1,
        message_id="<x@y>",
        lease_until=NOW,
        lease_owner="7f0d5a4e-0000-4000-8000-000000000000",
    )
    waits: list[float] = []

    def settle_after_two(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            Delivery.objects.filter(pk=row.pk).update(
                status="sent", sent_at=NOW, lease_until=None, lease_owner=None
            )

    monkeypatch.setattr(monotonic_time, "sleep", settle_after_two)

    unsubscribe(user=subscription.user, door="one_click")

    row.refresh_from_db()
    assert (len(waits), row.status) == (2, "sent")


def test_unsubscribing_twice_is_the_same_as_once():
    subscription = SubscriptionFactory()

    unsubscribe(user=subscription.user, door="one_click")
    again = unsubscribe(user=subscription.user, door="one_click")

    assert again.status == "unsubscribed"
    assert ConsentEvent.objects.filter(action="unsubscribed").count() == 1


def test_a_pause_until_a_day_remembers_local_midnight():
    subscription = SubscriptionFactory(timezone="Asia/Kathmandu")

    paused = pause_subscription(user=subscription.user, until=date(2027, 5, 12))

    assert (paused.status, paused.paused_until) == ("paused", date(2027, 5, 12))
    assert paused.activated_at == datetime(2027, 5, 11, 18, 15, tzinfo=UTC)


def test_a_pause_must_end_in_the_future():
    subscription = SubscriptionFactory()

    with pytest.raises(InvalidInputError) as caught:
        pause_subscription(user=subscription.user, until=date(2027, 5, 5))

    assert caught.value.field == "until"
    subscription.refresh_from_db()
    assert subscription.status == "active"


def test_resuming_counts_from_now():
    subscription = SubscriptionFactory(status="paused", next_delivery_at=None)

    resumed = resume_subscription(user=subscription.user)

    assert (resumed.status, resumed.paused_until) == ("active", None)
    assert resumed.activated_at == NOW.replace(second=0)
    assert resumed.next_delivery_at == TODAY_AT_EIGHT


def test_resuming_what_is_active_changes_nothing():
    subscription = SubscriptionFactory(next_delivery_at=TODAY_AT_EIGHT)
    before = Subscription.objects.filter(pk=subscription.pk).values().get()

    resume_subscription(user=subscription.user)

    assert Subscription.objects.filter(pk=subscription.pk).values().get() == before


@pytest.mark.parametrize("verb", [pause_subscription, resume_subscription])
def test_the_unsubscribed_can_neither_pause_nor_resume(verb):
    subscription = SubscriptionFactory(status="unsubscribed", next_delivery_at=None)

    with pytest.raises(ConflictError) as caught:
        verb(user=subscription.user)

    assert caught.value.code == "not_subscribed"


def test_without_a_subscription_there_is_nothing_to_change():
    with pytest.raises(NotFoundError) as caught:
        change_subscription(user=UserFactory(), send_solutions=False)

    assert caught.value.code == "not_subscribed"
