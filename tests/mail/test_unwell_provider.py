"""Whole runs against providers that answer "later", or refuse us, whoever the mail is for."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.core.models import Alert
from apps.mail.models import SendingSwitch
from apps.mail.sending import send_due
from apps.mail.services import turn_sending_on
from apps.notifications.models import Delivery
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

LATER = {"name": "service_unavailable", "message": "Later."}


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def planned(count):
    """Challenges that are due, the first one first."""
    now = timezone.now()
    return [DeliveryFactory(due_at=now - timedelta(seconds=count - n)) for n in range(count)]


def rows():
    found = Delivery.objects.challenges().order_by("due_at", "id")
    return list(found.values_list("status", "attempts", "last_code"))


def open_alerts():
    return sorted(Alert.objects.open().values_list("kind", "raised_count"))


def is_on():
    return SendingSwitch.objects.get().is_on


# Later, for everybody


def test_503_for_everybody_ends_the_run_with_an_alert(resend, send_through):
    send_through(resend)
    resend.status, resend.body = 503, LATER
    planned(5)

    assert send_due() == {"planned": 3}

    assert rows() == [("planned", 1, "503")] * 3 + [("planned", 0, "")] * 2
    assert open_alerts() == [("transport_down", 1)]
    assert is_on()


@pytest.mark.parametrize("status", [429, 500, 502, 504])
def test_so_does_any_other_answer_that_is_about_the_provider(resend, send_through, status):
    send_through(resend)
    resend.status, resend.body = status, LATER
    planned(5)

    send_due()

    assert len(resend.requests) <= 3
    assert open_alerts() == [("transport_down", 1)]


def test_503_for_half_an_hour_turns_sending_off_once_and_no_mail_fails(
    resend, send_through, settings, clock
):
    settings.MAIL_BATCH_SIZE = 5
    send_through(resend)
    resend.status, resend.body = 503, LATER
    planned(40)
    began = timezone.now()

    while is_on():
        send_due()
        clock.shift(timedelta(minutes=1))
    minutes = (timezone.now() - began) / timedelta(minutes=1)
    after = [send_due(), send_due()]

    assert minutes == 31
    assert f"since {began:%d %B, %H:%M} UTC (503)." in SendingSwitch.objects.get().reason
    assert after == [{}, {}]
    assert open_alerts()[0] == ("sending_off", 1)
    assert {status for status, *_ in rows()} == {"planned"}
    assert max(attempts for _, attempts, _ in rows()) <= 4
    assert len(resend.requests) <= 3 * 32
    resend.status = 200
    turn_sending_on()
    clock.shift(timedelta(hours=1, minutes=12))
    assert send_due() == {"sent": 40}
    assert open_alerts() == []


@pytest.mark.parametrize(
    ("rule", "before_the_end"),
    [
        ({"at": "mail", "do": "451 later"}, 3),
        ({"at": "data", "do": "451 later"}, 10),
        ({"at": "dot", "do": "452 full"}, 10),
    ],
)
def test_a_mail_server_that_puts_everybody_off_is_left_alone_too(mail_server, rule, before_the_end):
    mail_server.behave(rule)
    planned(12)

    assert send_due() == {"planned": before_the_end}

    assert open_alerts() == [("transport_down", 1)]
    assert [attempts for _, attempts, _ in rows()] == [1] * before_the_end + [0] * (
        12 - before_the_end
    )


def test_one_reader_is_enough_to_find_out_that_the_provider_is_unwell(resend, send_through, clock):
    send_through(resend)
    resend.status, resend.body = 503, LATER
    planned(1)

    send_due()
    found = open_alerts()
    resend.status = 200
    clock.shift(timedelta(minutes=2))
    send_due()

    assert found == [("transport_down", 1)]
    assert rows() == [("sent", 2, "200")]
    assert open_alerts() == []


def test_a_server_known_to_be_unwell_stays_so_while_nothing_gets_through(mail_server, clock):
    mail_server.behave({"at": "dot", "do": "452 full"})
    planned(10)
    send_due()
    few = list(Delivery.objects.challenges().values_list("pk", flat=True)[:8])
    Delivery.objects.filter(pk__in=few).update(not_before=timezone.now() + timedelta(hours=2))
    clock.shift(timedelta(minutes=2))

    assert send_due() == {"planned": 2}
    assert open_alerts() == [("transport_down", 2)]


# Later, for one


@pytest.mark.parametrize("at", ["rcpt", "data", "dot"])
def test_a_reader_who_is_greylisted_opens_nothing_even_alone(mail_server, clock, at):
    mail_server.behave({"at": at, "do": "451 greylisted"})
    (lone,) = planned(1)

    for attempts in range(1, 7):
        send_due()
        assert rows() == [("planned" if attempts < 6 else "failed", attempts, "451")]
        assert open_alerts() == []
        lone.refresh_from_db()
        clock.move_to(lone.not_before or timezone.now())

    assert is_on()


@pytest.mark.parametrize("at", ["rcpt", "data", "dot"])
def test_greylisted_readers_among_others_open_nothing(mail_server, settings, at):
    settings.MAIL_DOUBTFUL_IN_A_ROW = 2
    for each in planned(6)[::2]:
        each.subscription.user.email = f"grey{each.pk}@example.org"
        each.subscription.user.save()
    mail_server.behave({"at": at, "do": "451 greylisted", "to": "^grey"})

    assert send_due() == {"planned": 3, "sent": 3}
    assert open_alerts() == []


def test_readers_put_off_before_the_content_never_stand_in_the_way(mail_server):
    for each in planned(12)[:11]:
        each.subscription.user.email = f"grey{each.pk}@example.org"
        each.subscription.user.save()
    mail_server.behave({"at": "rcpt", "do": "451 greylisted", "to": "^grey"})

    assert send_due() == {"planned": 11, "sent": 1}
    assert open_alerts() == []


def test_two_hiccups_among_mails_that_are_taken_open_nothing(mail_server):
    planned(5)
    mail_server.behave({"at": "mail", "do": "451 later", "times": 2})

    assert send_due() == {"planned": 2, "sent": 3}
    assert open_alerts() == []


# Refusals that are about us


@pytest.mark.parametrize("at", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_a_server_that_wants_credentials_turns_sending_off_and_no_attempt_counts(
    mail_server, at, code
):
    planned(3)
    mail_server.behave({"at": at, "do": f"{code} 5.7.0 who are you?"})

    assert send_due() == {"planned": 1}
    assert send_due() == {}

    assert [(status, attempts) for status, attempts, _ in rows()] == [("planned", 0)] * 3
    assert SendingSwitch.objects.get().reason == (
        f"The mail provider refused us, not a mail: credentials or encryption ({code})."
    )
    assert open_alerts() == [("sending_off", 1)]


@pytest.mark.parametrize("code", [550, 553, 554])
def test_a_sender_who_is_refused_three_times_turns_sending_off_and_no_mail_fails(mail_server, code):
    planned(5)
    mail_server.behave({"at": "mail", "do": f"{code} not from you"})

    assert send_due() == {"planned": 3}
    assert send_due() == {}

    assert rows() == [("planned", 1, str(code))] * 3 + [("planned", 0, "")] * 2
    assert SendingSwitch.objects.get().reason == (
        f"The mail server does not let EMAIL_FROM send ({code})."
    )
    assert ("sending_off", 1) in open_alerts()


def test_so_does_one_who_writes_to_a_single_reader(mail_server, clock):
    (lone,) = planned(1)
    mail_server.behave({"at": "mail", "do": "550 not from you"})

    for attempts in range(1, 4):
        assert is_on()
        send_due()
        lone.refresh_from_db()
        assert (lone.status, lone.attempts) == ("planned", attempts)
        clock.move_to(lone.not_before)

    assert not is_on()


def test_a_sender_who_is_refused_once_by_accident_goes_on(mail_server):
    planned(4)
    mail_server.behave({"at": "mail", "do": "550 what?", "times": 2})

    assert send_due() == {"planned": 2, "sent": 2}
    assert is_on()
    assert open_alerts() == []
