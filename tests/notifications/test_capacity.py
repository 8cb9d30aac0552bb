"""The planner warns when the mail of the next hour cannot leave within it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from apps.core.models import Alert
from apps.mail.models import SendingPace
from apps.notifications.services import plan_due
from apps.notifications.services.capacity import warn_of_full_hour
from tests.factories import DeliveryFactory, OutboundMailFactory, SubscriptionFactory

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def planned(count, **columns):
    """Deliveries whose readers have no other one within these hours."""
    tomorrow = NOON + timedelta(days=1)
    DeliveryFactory.create_batch(count, subscription__next_delivery_at=tomorrow, **columns)


@pytest.fixture
def used_today():
    """Says how many mails of today have left already."""
    return lambda count: SendingPace.objects.update(day=NOON.date(), day_count=count)


def due_within_the_hour(count):
    """Half of them still to be planned, half of them planned."""
    SubscriptionFactory.create_batch(count // 2, next_delivery_at=NOON + HOUR / 2)
    planned(count - count // 2, due_at=NOON + HOUR)


def warnings():
    plan_due()
    return list(Alert.objects.open().filter(kind="hour_too_full").values_list("detail", flat=True))


def test_more_than_the_day_lets_through_is_told_with_its_figures(settings, used_today):
    settings.EMAIL_MAX_PER_DAY = 10
    due_within_the_hour(4)
    used_today(6)

    assert warnings() == []
    used_today(7)
    assert warnings() == [{"due": 4, "fits": 3, "late": 1}]


def test_more_than_an_hour_at_the_rate_lets_through(settings, monkeypatch):
    settings.EMAIL_MAX_PER_SECOND = 1
    planned(4, due_at=NOON)
    assert warnings() == []

    monkeypatch.setattr("apps.notifications.services.capacity.HOUR", timedelta(seconds=3))

    assert warnings() == [{"due": 4, "fits": 3, "late": 1}]


def test_without_a_limit_everything_fits():
    due_within_the_hour(2)

    assert warnings() == []


def test_the_warning_ends_when_it_fits_again(settings, used_today):
    settings.EMAIL_MAX_PER_DAY = 10
    due_within_the_hour(4)
    used_today(10)
    assert len(warnings()) == 1

    used_today(0)

    assert warnings() == []
    assert Alert.objects.get().resolved_at == NOON


def test_what_does_not_leave_within_the_hour_is_not_counted(settings, used_today):
    settings.EMAIL_MAX_PER_DAY = 1
    used_today(1)
    SubscriptionFactory(next_delivery_at=NOON + HOUR + timedelta(seconds=1))
    planned(1, due_at=NOON + HOUR + timedelta(seconds=1))
    planned(1, due_at=NOON, not_before=NOON + 2 * HOUR)
    planned(1, due_at=NOON - 12 * HOUR)  # stale: waits for its reader's next hour

    assert warnings() == []


def lease():
    return {"lease_until": NOON + HOUR, "lease_owner": uuid4()}


ARMED = {"attempts": 1, "message_id": "<first@challenge.example>"}
UNCERTAIN = ARMED | {"status": "uncertain", "uncertain_count": 1}


def test_what_a_worker_holds_and_what_is_tried_once_more_count_too(settings):
    settings.EMAIL_MAX_PER_DAY = 1
    planned(1, due_at=NOON, status="claimed", **lease())
    planned(1, due_at=NOON, not_before=NOON + HOUR / 6, **UNCERTAIN)
    # Under way, over, or quiet for longer than an hour.
    planned(1, due_at=NOON, status="sending", **ARMED, **lease())
    planned(1, due_at=NOON, status="sent", sent_at=NOON, **ARMED)
    planned(1, due_at=NOON, status="failed", **ARMED)
    planned(1, due_at=NOON, not_before=NOON + 2 * HOUR, **UNCERTAIN)

    assert warnings() == [{"due": 2, "fits": 1, "late": 1}]


def test_account_mails_take_their_share_until_they_expire(settings):
    settings.EMAIL_MAX_PER_DAY = 2
    planned(1, due_at=NOON)
    OutboundMailFactory.create_batch(2, due_at=NOON)
    OutboundMailFactory(due_at=NOON - 2 * HOUR, expires_at=NOON)

    assert warnings() == [{"due": 3, "fits": 2, "late": 1}]


def test_a_solution_counts_as_any_mail(settings):
    settings.EMAIL_MAX_PER_DAY = 1
    planned(2, kind="solution", due_at=NOON + HOUR / 2)

    assert warnings() == [{"due": 2, "fits": 1, "late": 1}]


def test_it_takes_as_many_queries_for_many_as_for_one(settings, django_assert_num_queries):
    settings.EMAIL_MAX_PER_DAY = 100
    for _ in range(2):
        # The limit, each of two outboxes, those to be planned for, the alert that may be open.
        with django_assert_num_queries(5):
            warn_of_full_hour(NOON)
        planned(5, due_at=NOON)
        OutboundMailFactory.create_batch(5, due_at=NOON)


def test_over_midnight_the_next_days_mails_count_too(settings, used_today, clock):
    settings.EMAIL_MAX_PER_DAY = 3
    midnight = NOON + 12 * HOUR
    used_today(3)
    clock.move_to(midnight - HOUR / 2)
    planned(3, due_at=midnight)

    assert warnings() == []
