"""A copy of a mail that has left, for an admin who asks: outside the ledger, and harmless."""

import re
import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import signing
from django.db import connection
from django.utils import timezone

from apps.core.errors import ConflictError
from apps.core.models import Alert
from apps.mail.copies import send_copy
from apps.mail.models import OutboundMail, OutgoingStatus, SendingPace, SendingSwitch
from apps.mail.services import suppress, turn_sending_off
from apps.mail.skeleton import decoded_parts
from apps.mail.staff_actions import request_copy
from apps.mail.tasks import send_test_mail
from apps.notifications.models import Delivery, Reading, Subscription
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    SentDeliveryFactory,
    UserFactory,
)

STAFF = "ada@staff.example"
SENT = {"status": "sent", "attempts": 1, "message_id": "<first@challenge.example>"}
TABLES = (Delivery, OutboundMail, Subscription, Reading)
WRITTEN = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version"}

pytestmark = pytest.mark.django_db


def challenge():
    return SentDeliveryFactory(
        problem__title="A leak to find",
        problem__statement="See [the manual](https://manual.example/leaks).",
        problem__version=3,
        subscription__user__email="mira@example.org",
    )


def solution():
    first = challenge()
    return DeliveryFactory(
        subscription=first.subscription,
        problem=first.problem,
        kind="solution",
        sent_at=timezone.now(),
        **SENT,
    )


def account_mail():
    return OutboundMailFactory(user__email="mira@example.org", sent_at=timezone.now(), **SENT)


MAKERS = {"challenge": challenge, "solution": solution, "account": account_mail}


def outbox_name(row) -> str:
    return "delivery" if isinstance(row, Delivery) else "account"


def copy(row) -> str:
    return send_copy(outbox_name=outbox_name(row), row_id=row.pk, recipient=STAFF)


def tables():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def failures():
    return list(
        Alert.objects.open().filter(kind="test_mail_failed").values_list("detail", flat=True)
    )


@pytest.mark.parametrize("maker", MAKERS)
def test_it_goes_to_the_staff_member_alone_marked_as_a_test(mail_server, maker):
    row = MAKERS[maker]()

    assert copy(row) == "250"

    (mail,) = mail_server.mails()
    assert mail["To"] == STAFF
    assert mail["Subject"].startswith("[Test] ")
    assert re.fullmatch(r"<test\.[0-9a-f-]{36}@[\w.-]+>", mail["Message-ID"])
    assert set(mail.keys()) == WRITTEN | {"Auto-Submitted", "Content-Type"}
    assert b"mira@example.org" not in mail_server.raw()[0]
    assert failures() == []


@pytest.mark.parametrize("maker", MAKERS)
def test_nothing_in_it_is_a_key_or_leads_anywhere(mail_server, maker):
    row = MAKERS[maker]()

    copy(row)

    text, html = decoded_parts(mail_server.raw()[0])
    assert set(re.findall(r"""href\s*=\s*["']([^"']*)""", html)) == {"#"}
    assert "…" in text
    for part in (text, html):
        words = re.split(r"[\s/#\"'<>?=&]+", part)
        assert [word for word in words if signed(word)] == []


def signed(word: str) -> bool:
    """Whether it is a value with its signature, for any purpose: three parts, the last one long."""
    parts = word.replace("%3A", ":").split(":")
    return len(parts) == 3 and len(parts[2]) >= len(signing.Signer().signature("x"))


def test_the_check_for_keys_knows_one():
    assert signed(signing.dumps([1], salt="dc.read"))


@pytest.mark.parametrize("maker", MAKERS)
def test_it_changes_no_row_and_makes_none(mail_server, maker):
    row = MAKERS[maker]()
    before = tables()

    copy(row)
    copy(row)

    assert tables() == before
    ids = {mail["Message-ID"] for mail in mail_server.mails()}
    assert len(ids) == 2


def test_a_long_subject_stays_within_the_limit(mail_server):
    copy(SentDeliveryFactory(problem__title="A long title " * 5))

    subject = mail_server.mails()[0]["Subject"]
    assert subject.startswith("[Test] A long title")
    assert len(subject) <= 70


def test_it_takes_one_slot_and_one_of_the_days_number(mail_server, settings):
    settings.EMAIL_MAX_PER_SECOND, settings.EMAIL_MAX_PER_DAY = 2, 10
    row = challenge()
    began = time.monotonic()

    for _ in range(3):
        assert copy(row) == "250"

    pace = SendingPace.objects.get()
    assert pace.day_count == 3
    # Each waited for its slot, half a second after the one before; no more slots were taken.
    assert 1 <= time.monotonic() - began < 5
    assert pace.next_at - timezone.now() <= timedelta(seconds=0.5)


def test_beyond_the_days_number_it_is_not_sent(mail_server, settings):
    settings.EMAIL_MAX_PER_DAY = 1
    row = challenge()

    assert [copy(row), copy(row)] == ["250", "daily_limit"]

    assert len(mail_server.mails()) == 1
    assert [detail["code"] for detail in failures()] == ["daily_limit"]
    assert SendingPace.objects.get().day_count == 1


def sending_off():
    turn_sending_off(reason="Stop.")


def another_database():
    SendingSwitch.objects.update(database_identity="elsewhere/1")


def suppressed():
    suppress(address=STAFF.upper(), kind="bounce")


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (sending_off, "sending_off"),
        (another_database, "sending_off"),
        (suppressed, "suppressed"),
    ],
)
def test_it_is_not_sent_when_nothing_may_be(mail_server, settings, event, code):
    settings.EMAIL_MAX_PER_DAY = 10
    row = challenge()
    event()

    assert copy(row) == code

    assert mail_server.connection_count == 0
    assert SendingPace.objects.get().day_count == 0
    assert failures() == [{"outbox": "delivery", "row": row.pk, "code": code}]


@pytest.mark.django_db(transaction=True)
def test_the_stop_button_counts_until_the_last_moment(mail_server, settings):
    settings.EMAIL_MAX_PER_SECOND = 1
    row = challenge()
    copy(row)

    def press():
        sending_off()
        connection.close()

    presser = threading.Timer(0.2, press)
    presser.start()

    assert copy(row) == "sending_off"

    presser.join()
    assert len(mail_server.mails()) == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"at": "banner", "do": "drop"}, "SMTPServerDisconnected"),
        ({"at": "rcpt", "do": "451 later"}, "451"),
        ({"at": "rcpt", "do": "550 nobody"}, "550"),
        ({"at": "data", "do": "silence"}, "timeout"),
        ({"at": "taken", "do": "drop"}, "connection_lost"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_server_that_fails_gets_no_second_try_and_raises_the_alert(mail_server, rule, code):
    mail_server.behave(rule)
    row = challenge()
    before = tables()

    assert copy(row) == code

    assert mail_server.connection_count == 1
    assert failures() == [{"outbox": "delivery", "row": row.pk, "code": code}]
    assert tables() == before


def test_the_next_one_that_leaves_ends_the_alert(mail_server):
    row = challenge()
    sending_off()
    copy(row)
    SendingSwitch.objects.update(is_on=True, reason="")

    copy(row)

    assert failures() == []


def test_of_a_mail_that_says_nothing_more_and_of_one_that_is_gone_there_is_none(mail_server):
    said = OutboundMailFactory(
        user__email_verified_at=timezone.now(), sent_at=timezone.now(), **SENT
    )

    assert copy(said) == "nothing_to_say"
    said.delete()
    assert copy(OutboundMail(pk=10**9)) == "nothing_to_say"
    assert mail_server.connection_count == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", OutgoingStatus.values)
def test_only_of_what_has_left_a_copy_can_be_asked_for(published, status):
    row = SentDeliveryFactory()
    row.status = status
    asks = UserFactory(email=STAFF)
    has_left = status in ("sent", "delivered", "bounced", "complained")

    if has_left:
        request_copy(row=row, by=asks)
    else:
        with pytest.raises(ConflictError, match="It has not left") as caught:
            request_copy(row=row, by=asks)
        assert caught.value.code == "not_copied"

    assert len(published) == has_left


@pytest.mark.django_db(transaction=True)
def test_the_task_is_told_ids_and_the_address_of_whoever_asks(published):
    row = challenge()

    request_copy(row=row, by=UserFactory(email=STAFF))

    assert published == [("emails.send_test_mail", ("delivery", row.pk, STAFF), {})]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (sending_off, "Sending is off."),
        (suppressed, "Your own address must not be written to"),
    ],
)
def test_who_asks_is_told_at_once_why_there_is_none(published, event, words):
    row, asks = challenge(), UserFactory(email=STAFF)
    event()

    with pytest.raises(ConflictError, match=words):
        request_copy(row=row, by=asks)

    assert published == []


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"user__email_verified_at": timezone.now()}, "It has nothing more to say."),
        ({"purpose": "no_such_purpose"}, "It cannot be composed; see the log."),
    ],
    ids=["nothing to say", "not to be composed"],
)
def test_of_what_cannot_be_composed_no_copy_is_asked_for(published, columns, words):
    row = OutboundMailFactory(sent_at=timezone.now(), **SENT, **columns)

    with pytest.raises(ConflictError, match=words):
        request_copy(row=row, by=UserFactory())

    assert published == []


def test_the_task_sends_it_and_is_never_run_twice_for_one_request(mail_server):
    row = challenge()

    assert send_test_mail("delivery", row.pk, STAFF) == "250"

    task = current_app.tasks["emails.send_test_mail"]
    assert (task.acks_late, task.autoretry_for) == (False, ())
    assert task.soft_time_limit < task.time_limit
    assert len(mail_server.mails()) == 1
