"""The planner: one challenge for everyone who is due, whatever happened before and whoever else
plans.
"""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from apps.mail.models import OutgoingStatus
from apps.notifications.choosing import Pick
from apps.notifications.models import Delivery, ReasonCode, Subscription
from apps.notifications.services import plan_due, planning
from apps.notifications.services.plan import PlanMismatchError
from apps.notifications.services.planning import plan_batch
from apps.problems.models import BankState
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
)

# A savepoint and its release; who is due, who has one open, how old the bank is, the choice, two
# writes.
PINNED = 8
NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)
AT_EIGHT = datetime(2027, 5, 5, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def test_who_is_due_gets_one_challenge_and_the_next_instant():
    tag = TagFactory(name="Python")
    below = TagFactory(name="asyncio", parent=tag)
    problem = ProblemFactory(tags=[below], version=3)
    subscription = SubscriptionFactory(tags=[tag], next_delivery_at=AT_EIGHT)

    totals = plan_due()

    assert totals == {"due": 1, "planned": 1, "starved": 0}
    delivery = Delivery.objects.get()
    assert {
        "subscription": delivery.subscription_id,
        "problem": delivery.problem_id,
        "version": delivery.problem_version,
        "kind": delivery.kind,
        "slot": delivery.slot,
        "due_at": delivery.due_at,
        "local_date": delivery.local_date,
        "status": delivery.status,
        "reason": (delivery.reason_code, delivery.reason_interest_id, delivery.reason_path),
    } == {
        "subscription": subscription.pk,
        "problem": problem.pk,
        "version": 3,
        "kind": "challenge",
        "slot": 1,
        "due_at": AT_EIGHT,
        "local_date": date(2027, 5, 5),
        "status": "planned",
        "reason": ("interest", tag.pk, "Python → asyncio"),
    }
    subscription.refresh_from_db()
    assert subscription.slot_count == 1
    assert subscription.last_due_at == AT_EIGHT
    assert subscription.next_delivery_at == AT_EIGHT + timedelta(days=1)
    assert subscription.starved_at is None


def test_planning_again_plans_nothing():
    ProblemFactory(tags=[TagFactory()])
    SubscriptionFactory(next_delivery_at=AT_EIGHT)

    first, second = plan_due(), plan_due()

    assert (first["planned"], second) == (1, {"due": 0, "planned": 0, "starved": 0})


def test_nobody_gets_the_same_problem_twice():
    problems = [ProblemFactory(tags=[TagFactory()]) for _ in range(3)]
    SubscriptionFactory(next_delivery_at=AT_EIGHT)

    for day in range(3):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            plan_due()
            Delivery.objects.filter(status="planned").update(
                status="sent", attempts=1, sent_at=NOON, message_id="<x@y>"
            )

    assert set(Delivery.objects.values_list("problem", flat=True)) == {p.pk for p in problems}
    assert list(Delivery.objects.order_by("slot").values_list("slot", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("status", ["paused", "unsubscribed"])
def test_only_the_active_are_planned_for(status):
    ProblemFactory(tags=[TagFactory()])
    SubscriptionFactory(status=status, next_delivery_at=None)

    assert plan_due()["due"] == 0


def test_an_instant_twelve_hours_old_is_stepped_over():
    ProblemFactory(tags=[TagFactory()])
    subscription = SubscriptionFactory(
        next_delivery_at=NOON - timedelta(hours=12), delivery_time=time(0)
    )

    totals = plan_due()

    assert totals == {"due": 1, "planned": 0, "starved": 0}
    subscription.refresh_from_db()
    assert subscription.next_delivery_at == datetime(2027, 5, 6, tzinfo=UTC)
    assert subscription.slot_count == 0


def test_three_days_down_brings_one_challenge():
    ProblemFactory.create_batch(4, tags=[TagFactory()])
    subscription = SubscriptionFactory(next_delivery_at=AT_EIGHT - timedelta(days=3))

    plan_due()

    assert list(Delivery.objects.values_list("due_at", "slot")) == [(AT_EIGHT, 1)]
    subscription.refresh_from_db()
    assert subscription.next_delivery_at == AT_EIGHT + timedelta(days=1)


def test_a_starved_subscriber_keeps_the_slot_and_moves_on():
    had = ProblemFactory(tags=[TagFactory()])
    subscription = SubscriptionFactory(next_delivery_at=AT_EIGHT)
    SentDeliveryFactory(subscription=subscription, problem=had, due_at=AT_EIGHT - timedelta(days=1))

    totals = plan_due()

    assert totals == {"due": 1, "planned": 0, "starved": 1}
    subscription.refresh_from_db()
    assert subscription.starved_at == NOON
    assert subscription.slot_count == 1
    assert subscription.next_delivery_at == AT_EIGHT + timedelta(days=1)


def test_the_starved_are_passed_over_until_the_bank_has_grown(chosen_for):
    subscription = SubscriptionFactory(
        next_delivery_at=AT_EIGHT, starved_at=NOON - timedelta(days=1)
    )
    BankState.objects.update(widened_at=NOON - timedelta(days=2))

    plan_due()

    assert chosen_for == [[]]
    subscription.refresh_from_db()
    assert subscription.starved_at == NOON - timedelta(days=1)

    ProblemFactory(tags=[TagFactory()])
    Subscription.objects.update(next_delivery_at=AT_EIGHT)

    plan_due()

    assert chosen_for == [[], [subscription.pk]]
    subscription.refresh_from_db()
    assert subscription.starved_at is None


@pytest.fixture
def chosen_for(monkeypatch):
    """Record for whom choosing is asked, and let it answer."""
    asked: list[list[int]] = []
    answer = planning.choose_for

    def choose_for(ids):
        asked.append(list(ids))
        return answer(ids)

    monkeypatch.setattr(planning, "choose_for", choose_for)
    return asked


@pytest.mark.parametrize("status", ["planned", "uncertain"])
def test_a_challenge_held_up_until_its_successor_is_due_takes_its_place(status):
    ProblemFactory.create_batch(3, tags=[TagFactory()])
    subscription = SubscriptionFactory(next_delivery_at=AT_EIGHT)
    extra = {"attempts": 1, "message_id": "<x@y>", "uncertain_count": 1, "not_before": NOON}
    held_up = DeliveryFactory(
        subscription=subscription,
        due_at=AT_EIGHT - timedelta(days=1),
        status=status,
        **(extra if status == "uncertain" else {}),
    )

    totals = plan_due()

    assert totals["planned"] == 0
    moved = Delivery.objects.get()
    assert (moved.pk, moved.slot, moved.problem_id) == (held_up.pk, 1, held_up.problem_id)
    assert (moved.due_at, moved.local_date) == (AT_EIGHT, date(2027, 5, 5))
    subscription.refresh_from_db()
    assert (subscription.slot_count, subscription.last_due_at) == (1, AT_EIGHT)


def test_a_pause_with_an_end_resumes_by_the_tick_and_is_served_the_same_day():
    ProblemFactory(tags=[TagFactory()])
    subscription = SubscriptionFactory(
        status="paused",
        paused_until=date(2027, 5, 5),
        activated_at=datetime(2027, 5, 5, tzinfo=UTC),
        next_delivery_at=None,
    )

    assert plan_due()["planned"] == 1

    subscription.refresh_from_db()
    assert (subscription.status, subscription.paused_until) == ("active", None)
    assert Delivery.objects.get().due_at == AT_EIGHT


def test_the_number_of_statements_does_not_grow_with_the_batch(django_assert_num_queries):
    ProblemFactory.create_batch(6, tags=[TagFactory(), TagFactory()])
    SubscriptionFactory(next_delivery_at=AT_EIGHT)
    with django_assert_num_queries(PINNED):
        assert plan_batch()["planned"] == 1

    SubscriptionFactory.create_batch(5, next_delivery_at=AT_EIGHT)
    with django_assert_num_queries(PINNED):
        assert plan_batch()["planned"] == 5


def test_fewer_rows_than_chosen_roll_the_batch_back(monkeypatch):
    tag = TagFactory()
    problem = ProblemFactory(tags=[tag])
    subscription = SubscriptionFactory(next_delivery_at=AT_EIGHT)
    ghost = Pick(problem.pk + 1000, ReasonCode.ANY, None)
    monkeypatch.setattr(planning, "choose_for", lambda ids: {subscription.pk: ghost})

    with pytest.raises(PlanMismatchError, match="chose 1, wrote 0"):
        plan_batch()

    subscription.refresh_from_db()
    assert subscription.next_delivery_at == AT_EIGHT
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_planners_at_once_on_connections_of_their_own_plan_each_subscriber_once():
    ProblemFactory.create_batch(5, tags=[TagFactory()])
    people = SubscriptionFactory.create_batch(60, next_delivery_at=AT_EIGHT)
    totals: list[int] = []
    start = threading.Barrier(4)

    def plan() -> None:
        start.wait()
        try:
            totals.append(plan_due(batch_size=7)["planned"])
        finally:
            connection.close()

    planners = [threading.Thread(target=plan) for _ in range(4)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()

    assert sum(totals) == 60
    rows = Delivery.objects.values_list("subscription_id", "slot", "kind", "status")
    assert sorted(rows) == sorted((p.pk, 1, "challenge", OutgoingStatus.PLANNED) for p in people)
