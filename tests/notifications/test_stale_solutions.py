"""A solution that was held up for half a day leaves just before its reader's next challenge."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from apps.notifications.services import pause_subscription, plan_due
from apps.notifications.services.stale_solutions import redate_stale_solutions
from tests.factories import DeliveryFactory, SentDeliveryFactory

TEN = datetime(2027, 5, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)
# A savepoint and its release; who is held up, the instants written.
PINNED = 4
UNARMED = {
    "planned": {},
    "claimed": {"lease_until": TEN + DAY, "lease_owner": "0" * 32},
    "uncertain": {
        "attempts": 1,
        "uncertain_count": 1,
        "not_before": TEN + DAY,
        "message_id": "<first@challenge.example>",
    },
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


def solution(due_at, *, slot=1, **columns):
    """The solution of a challenge that went out the day before; the next one is due tomorrow."""
    reader = {
        f"subscription__{name}": columns.pop(name)
        for name in ("timezone", "delivery_time", "weekdays")
        if name in columns
    }
    challenge = SentDeliveryFactory(
        due_at=due_at - DAY,
        slot=slot,
        problem__solution="Because.",
        subscription__next_delivery_at=TEN + DAY,
        **reader,
    )
    return DeliveryFactory(
        subscription=challenge.subscription,
        problem=challenge.problem,
        kind="solution",
        slot=slot,
        due_at=due_at,
        **columns,
    )


def dated(row):
    row.refresh_from_db()
    return row.due_at, row.local_date


@pytest.mark.parametrize("status", UNARMED)
def test_it_takes_the_instant_before_the_latest_slot_that_is_not_stale(status):
    row = solution(TEN - 2 * DAY, status=status, **UNARMED[status])

    plan_due()

    assert dated(row) == (TEN.replace(hour=7, minute=59), date(2027, 5, 5))
    assert row.status == status


def test_without_such_a_slot_that_before_the_next_one_whatever_the_weekdays():
    row = solution(TEN - 2 * DAY, delivery_time=time(10, 1), weekdays=[1])

    plan_due()

    assert dated(row) == (TEN, date(2027, 5, 5))


def test_the_slot_is_the_readers_own():
    row = solution(TEN - 2 * DAY, timezone="Pacific/Kiritimati", delivery_time=time(23))

    plan_due()

    assert dated(row) == (datetime(2027, 5, 5, 8, 59, tzinfo=UTC), date(2027, 5, 5))


@pytest.mark.parametrize("status", ["sending", "sent", "failed", "cancelled"])
def test_what_is_under_way_or_over_keeps_its_instant(status):
    armed = {"attempts": 1, "message_id": "<first@challenge.example>"}
    lease = {"lease_until": TEN + DAY, "lease_owner": "0" * 32}
    columns = {
        "sending": armed | lease,
        "sent": armed | {"sent_at": TEN - DAY},
        "failed": armed,
        "cancelled": {},
    }
    row = solution(TEN - 2 * DAY, status=status, **columns[status])

    assert redate_stale_solutions() == 0

    assert dated(row)[0] == TEN - 2 * DAY


def test_it_is_as_late_as_the_slot_it_comes_before():
    half_a_day = timedelta(hours=12, minutes=1)
    stale = solution(TEN - half_a_day)
    fresh = solution(TEN - half_a_day + timedelta(microseconds=1))
    claimable = Delivery.objects.claimable(TEN).filter(DeliveryOutbox().claimable(TEN))

    assert list(claimable) == [fresh]
    assert redate_stale_solutions() == 1
    assert dated(stale)[0] > TEN - half_a_day
    assert set(claimable.all()) == {fresh, stale}


def test_a_stale_challenge_waits_for_its_successor():
    held_up = DeliveryFactory(due_at=TEN - 2 * DAY, subscription__next_delivery_at=TEN + DAY)

    plan_due()

    assert dated(held_up)[0] == TEN - 2 * DAY


def test_a_pause_calls_it_off_as_any():
    row = solution(TEN - 2 * DAY)

    pause_subscription(user=row.subscription.user)
    plan_due()

    assert dated(row)[0] == TEN - 2 * DAY
    assert row.status == "cancelled"


def test_any_number_is_dated_in_batches_of_a_constant_number_of_statements(
    django_assert_num_queries,
):
    rows = [solution(TEN - 2 * DAY) for _ in range(7)]

    with django_assert_num_queries(PINNED):
        assert redate_stale_solutions(batch_size=1) == 1
    with django_assert_num_queries(PINNED):
        assert redate_stale_solutions(batch_size=5) == 5
    plan_due()

    assert {dated(row)[0] for row in rows} == {TEN.replace(hour=7, minute=59)}
    assert redate_stale_solutions() == 0


@pytest.mark.django_db(transaction=True)
def test_one_that_somebody_works_on_is_left_to_them():
    taken, free = solution(TEN - 2 * DAY), solution(TEN - 2 * DAY)
    counts = []

    def redate():
        counts.append(redate_stale_solutions())
        connection.close()

    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=taken.pk)
        thread = threading.Thread(target=redate)
        thread.start()
        thread.join(timeout=10)

    assert counts == [1]
    assert dated(free)[0] > timezone.now() - DAY
    assert dated(taken)[0] == TEN - 2 * DAY
