"""Repeats through a provider that sends once whatever comes under one key."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.mail.sending import send_due
from apps.mail.staff_actions import resend as send_again
from apps.notifications.models import Delivery
from tests.factories import DeliveryFactory
from tests.mail.http_provider import drop, say_nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(resend, send_through):
    send_through(resend)
    return DeliveryFactory(due_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def columns(challenge):
    challenge.refresh_from_db()
    return challenge.status, challenge.attempts, challenge.uncertain_count, challenge.last_code


def keys(resend):
    return [
        headers["Idempotency-Key"].rpartition("/")[2] for _path, headers, _posted in resend.requests
    ]


@pytest.mark.parametrize(("deed", "code"), [(drop, "connection_lost"), (say_nothing, "timeout")])
def test_a_mail_that_was_taken_without_an_answer_is_found_sent_when_it_is_repeated(
    resend, challenge, clock, deed, code
):
    resend.deed = deed

    assert send_due() == {"uncertain": 1}
    assert columns(challenge) == ("uncertain", 1, 1, code)
    resend.deed = None
    clock.shift(timedelta(minutes=10))
    assert send_due() == {"sent": 1}

    assert columns(challenge) == ("sent", 2, 1, "409")
    (_, _, first), (_, _, second) = resend.requests
    assert first["html"] != second["html"]
    assert len(resend.taken) == 1
    assert resend.taken[0]["key"] == f"{challenge.message_id}/1"
    assert Delivery.objects.get(kind="solution").status == "planned"


def test_a_mail_that_was_lost_on_its_way_is_sent_by_the_repeat(resend, challenge, clock):
    resend.deed = drop
    resend.status = 503
    send_due()
    resend.deed, resend.status = None, 200
    clock.shift(timedelta(minutes=10))

    assert send_due() == {"sent": 1}
    assert columns(challenge) == ("sent", 2, 1, "200")
    assert len(resend.taken) == 1


def test_a_mail_that_was_refused_comes_under_a_new_key(resend, challenge, clock):
    resend.status, resend.body = 503, {"name": "service_unavailable"}
    send_due()
    resend.status = 200
    clock.shift(timedelta(minutes=2))

    assert send_due() == {"sent": 1}
    assert keys(resend) == ["1", "2"]


def test_while_the_provider_is_busy_with_a_mail_it_keeps_its_key(resend, challenge, clock):
    resend.deed = drop
    send_due()
    resend.deed = None
    resend.busy_with.add(resend.taken[0]["key"])
    clock.shift(timedelta(minutes=10))
    assert send_due() == {"planned": 1}
    assert columns(challenge) == ("planned", 2, 2, "409")
    resend.busy_with.clear()
    clock.shift(timedelta(minutes=7))

    assert send_due() == {"sent": 1}
    assert keys(resend) == ["1", "1", "1"]
    assert len(resend.taken) == 1


def test_a_mail_that_bounced_is_sent_again_within_the_day(resend, challenge, clock):
    send_due()
    Delivery.objects.filter(pk=challenge.pk).update(status="bounced")
    clock.shift(timedelta(hours=1))
    challenge.refresh_from_db()
    send_again(row=challenge, by=None)

    assert send_due() == {"sent": 1}
    assert len(resend.taken) == 2


def test_a_mail_twice_in_doubt_is_not_sent_a_second_time_by_staff(resend, challenge, clock):
    resend.deed = drop
    send_due()
    clock.shift(timedelta(minutes=10))
    send_due()
    assert columns(challenge) == ("failed", 2, 2, "connection_lost")
    resend.deed = None
    send_again(row=challenge, by=None)

    assert send_due() == {"sent": 1}
    assert columns(challenge) == ("sent", 3, 2, "409")
    assert len(resend.taken) == 1
