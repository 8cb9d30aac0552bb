"""How fast all workers together send, and how many mails a day."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.core.models import Alert
from apps.mail.models import SendingPace
from apps.mail.pace import Pace
from apps.mail.sending import send_due
from apps.notifications.models import Delivery
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def take(pace):
    """Wait for a slot and use it."""
    wait_s = pace.wait_s()
    time.sleep(wait_s)
    pace.use()


def sent_count():
    return Delivery.objects.filter(status="sent").count()


def test_without_a_limit_nothing_waits_and_nothing_is_counted(django_assert_num_queries):
    pace = Pace()

    with django_assert_num_queries(0):
        assert [pace.wait_s() for _ in range(3)] == [0, 0, 0]


def test_two_workers_together_keep_to_the_limit(settings):
    settings.EMAIL_MAX_PER_SECOND = 20
    paces = [Pace(), Pace()]
    began = time.monotonic()

    for _ in range(15):
        for pace in paces:
            take(pace)

    assert 29 / 20 <= time.monotonic() - began < 4


def test_slots_are_taken_a_second_at_a_time(settings, django_assert_num_queries):
    settings.EMAIL_MAX_PER_SECOND = 40
    pace = Pace()

    with django_assert_num_queries(1):
        for _ in range(40):
            pace.wait_s()
            pace.use()
    with django_assert_num_queries(1):
        pace.wait_s()


def test_a_slot_is_kept_until_it_is_used(settings):
    settings.EMAIL_MAX_PER_DAY = 1
    pace = Pace()

    assert [pace.wait_s(), pace.wait_s()] == [0, 0]
    pace.use()
    assert pace.wait_s() is None


def test_a_clock_that_was_set_back_holds_nobody_up_for_long(settings):
    settings.EMAIL_MAX_PER_SECOND = 10
    SendingPace.objects.update(next_at=timezone.now() + timedelta(hours=3))

    assert 58 < Pace().wait_s() <= 60


def test_the_days_number_is_shared_and_what_is_not_used_is_given_back(settings):
    settings.EMAIL_MAX_PER_DAY = 60
    first, second = Pace(), Pace()
    first.wait_s()  # takes a batch: 50
    second.wait_s()  # takes the rest
    for _ in range(10):
        second.use()

    exhausted = second.wait_s()
    first.give_back()

    assert exhausted is None
    assert second.wait_s() == 0
    assert SendingPace.objects.get().day_count == 60


def test_a_new_day_counts_from_nothing(settings):
    settings.EMAIL_MAX_PER_DAY = 10
    pace = Pace()
    for _ in range(10):
        pace.wait_s()
        pace.use()
    assert pace.wait_s() is None

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert pace.wait_s() == 0


def test_a_run_keeps_to_the_rate_and_settles_what_it_has_sent_before_it_waits(
    mail_server, settings
):
    settings.EMAIL_MAX_PER_SECOND = 5
    DeliveryFactory.create_batch(6)
    began = time.monotonic()

    assert send_due() == {"sent": 6}

    assert 1 <= time.monotonic() - began < 4


def test_a_run_ends_at_the_days_number_with_one_alert_until_it_may_send_again(
    mail_server, settings
):
    settings.EMAIL_MAX_PER_DAY = 2
    DeliveryFactory.create_batch(3)

    first, second = send_due(), send_due()
    alerts = list(Alert.objects.open().values_list("kind", "detail"))
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        Delivery.objects.filter(status="planned").update(due_at=timezone.now())
        third = send_due()

    assert (first, second) == ({"sent": 2}, {})
    assert alerts == [("daily_limit_reached", {"per_day": 2})]
    assert third["sent"] >= 1
    assert sent_count() >= 3
    assert list(Delivery.objects.filter(status="claimed")) == []


def test_a_run_that_ends_early_gives_back_what_it_took(mail_server, settings):
    settings.EMAIL_MAX_PER_DAY = 100
    DeliveryFactory.create_batch(2)

    send_due()

    assert SendingPace.objects.get().day_count == 2
