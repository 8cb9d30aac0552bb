"""How fast all workers together send, and how many mails a day."""

import threading
import time
from datetime import timedelta
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.db import connection
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


def a_day_passes():
    """By the database's clock: what it has counted was yesterday's."""
    SendingPace.objects.update(day=timezone.localdate() - timedelta(days=1))


@pytest.fixture
def later(monkeypatch):
    """Lets so many seconds pass for the workers."""

    def shift(seconds):
        monkeypatch.setattr(
            "apps.mail.pace.time", SimpleNamespace(monotonic=lambda: time.monotonic() + seconds)
        )

    return shift


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


def test_who_uses_slots_in_time_takes_more_and_more_at_once_up_to_a_seconds_worth(
    settings, django_assert_num_queries
):
    settings.EMAIL_MAX_PER_SECOND = 20
    pace = Pace()

    for size in (1, 2, 4, 8, 16, 20, 20):
        with django_assert_num_queries(1):
            for _ in range(size):
                pace.wait_s()
                pace.use()


def test_who_misses_slots_gets_as_many_as_can_be_used_in_time(settings, later):
    settings.EMAIL_MAX_PER_SECOND = 20
    settings.EMAIL_MAX_PER_DAY = 1000
    pace = Pace()
    for _ in range(15 + 5):
        pace.wait_s()
        pace.use()  # in blocks of 1, 2, 4 and 8, and five of the sixteen that follow

    later(5)
    wait_s = pace.wait_s()

    # Two, half of the five, were taken instead of the eleven that were missed.
    assert 0 <= wait_s < 2
    assert SendingPace.objects.get().day_count == 20 + 2


def test_one_mail_takes_one_slot(settings):
    settings.EMAIL_MAX_PER_SECOND = 1
    first, second = Pace(), Pace()

    first.wait_s()

    assert 0.9 < second.wait_s() <= 1


def test_a_slot_is_kept_until_it_is_used(settings):
    settings.EMAIL_MAX_PER_DAY = 1
    pace = Pace()

    assert [pace.wait_s(), pace.wait_s()] == [0, 0]
    pace.use()
    assert pace.wait_s() is None


def test_a_clock_that_was_set_back_holds_nobody_up_for_long(settings):
    settings.EMAIL_MAX_PER_SECOND = 10
    SendingPace.objects.update(next_at=timezone.now() + timedelta(hours=3))

    wait_s = Pace().wait_s()

    assert 0 < wait_s <= 1
    assert SendingPace.objects.get().next_at <= timezone.now() + timedelta(seconds=61)


def test_however_many_workers_there_are_no_two_have_the_same_slot(settings):
    settings.EMAIL_MAX_PER_SECOND = 1
    waits = [Pace().wait_s() for _ in range(80)]

    slots, asked_again = waits[:60], waits[61:]
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    assert min(gaps) > 0.5
    # Who is told to ask again is told when a slot may be free.
    assert max(slots) <= 60
    assert 0 < min(asked_again) <= max(asked_again) <= 1
    assert SendingPace.objects.get().next_at <= timezone.now() + timedelta(seconds=61)


def test_the_days_number_is_shared_and_what_is_not_used_is_given_back(settings):
    settings.EMAIL_MAX_PER_DAY = 5
    first, second = Pace(), Pace()
    for _ in range(2):
        first.wait_s()  # takes one, then two, and uses two
        first.use()
    for _ in range(2):
        second.wait_s()  # takes one, then the last one
        second.use()

    exhausted = second.wait_s()
    first.give_back()

    assert exhausted is None
    assert second.wait_s() == 0
    assert SendingPace.objects.get().day_count == 5


def test_a_new_day_counts_from_nothing(settings):
    settings.EMAIL_MAX_PER_DAY = 10
    pace = Pace()
    for _ in range(10):
        pace.wait_s()
        pace.use()
    assert pace.wait_s() is None

    a_day_passes()

    assert pace.wait_s() == 0


def test_what_was_counted_on_one_day_is_not_used_on_the_next(settings, later):
    settings.EMAIL_MAX_PER_DAY = 10
    pace = Pace()
    for _ in range(2):
        pace.wait_s()  # takes one, then two
        pace.use()

    a_day_passes()
    later(24 * 3600)
    pace.wait_s()

    # The one that was left is no longer good, nor is it given back to the new day.
    assert SendingPace.objects.get().day_count == 1


def test_what_was_counted_on_one_day_is_not_given_back_to_the_next(settings):
    settings.EMAIL_MAX_PER_DAY = 10
    pace = Pace()
    pace.wait_s()

    SendingPace.objects.update(day=timezone.localdate() + timedelta(days=1), day_count=7)
    pace.give_back()

    assert SendingPace.objects.get().day_count == 7


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
    a_day_passes()
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


def at_once(*workers):
    """Run these in threads, each with a connection of its own."""

    def closing(worker):
        try:
            worker()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_workers_that_stall_do_not_make_up_for_it(settings):
    per_second, count = 200, 12
    settings.EMAIL_MAX_PER_SECOND = per_second
    stall = threading.Barrier(count, action=partial(time.sleep, 1.5), timeout=60)
    left_at = []

    def worker():
        pace = Pace()
        for n in range(50):
            time.sleep(pace.wait_s())
            if n == 32:
                # At the beginning of a block of 32, with a mail in hand; all at the same time.
                stall.wait()
            pace.use()
            left_at.append(time.monotonic())

    at_once(*[worker] * count)

    # In any stretch of time: its slots, those of the second before, one of each worker.
    left_at.sort()
    for first, moment in enumerate(left_at):
        for last in range(first, len(left_at)):
            most = per_second * (left_at[last] - moment + 1) + 1 + count
            assert last - first + 1 <= most


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_costs_no_slots_while_there_are_workers_enough(settings):
    settings.EMAIL_MAX_PER_SECOND = 60
    ends_at = time.monotonic() + 3
    left = []

    def worker():
        pace = Pace()
        while time.monotonic() < ends_at:
            take(pace)
            left.append(1)
            # How long a mail takes: five workers could send 75 a second.
            time.sleep(1 / 15)

    at_once(*[worker] * 5)

    assert len(left) >= 0.6 * 3 * 60


@pytest.mark.django_db(transaction=True)
def test_the_days_number_is_exact_however_many_workers_take_from_it(settings):
    settings.EMAIL_MAX_PER_DAY = 137
    used = []

    def worker():
        pace = Pace()
        # Now and then a run ends, and gives back what it has left.
        for n in range(1000):
            if pace.wait_s() is None:
                break
            pace.use()
            used.append(n)
            if n % 10 == 9:
                pace.give_back()
        pace.give_back()

    at_once(*[worker] * 8)
    at_once(worker)

    assert len(used) == 137
    assert SendingPace.objects.get().day_count == 137
