"""The mailbox of a demo."""

from email import message_from_bytes

import pytest

from apps.mail.message import Message
from apps.mail.models import MailboxMessage
from apps.mail.transports import Outcome, Verdict
from apps.mail.transports.mailbox import MailboxTransport

pytestmark = pytest.mark.django_db


def mail(subject="A title", number=1):
    return Message(
        recipient="ada@example.org",
        message_id=f"<delivery.{number}@challenge.example>",
        subject=subject,
        text="text",
        html="<p>html</p>",
    )


def send(transport, message):
    return transport.send(transport.prepare(message))


def test_a_mail_is_kept_whole():
    outcome = send(MailboxTransport({}), mail())

    kept = MailboxMessage.objects.get()
    assert outcome == Outcome(Verdict.SENT, "250")
    assert (kept.recipient, kept.subject, kept.message_id) == (
        "ada@example.org",
        "A title",
        "<delivery.1@challenge.example>",
    )
    assert message_from_bytes(bytes(kept.raw))["Message-ID"] == kept.message_id


def test_only_the_newest_are_kept(settings):
    settings.MAILBOX_KEEP = 3
    transport = MailboxTransport({})

    for number in range(5):
        send(transport, mail(number=number))

    kept = MailboxMessage.objects.order_by("id").values_list("message_id", flat=True)
    assert list(kept) == [f"<delivery.{number}@challenge.example>" for number in (2, 3, 4)]


def test_a_mail_sent_twice_is_kept_twice_under_its_one_message_id():
    transport = MailboxTransport({})

    send(transport, mail())
    send(transport, mail())

    assert MailboxMessage.objects.filter(message_id=mail().message_id).count() == 2


@pytest.mark.parametrize("subject", ["a\0b", "a\r\nBcc: eve@example.org", "ü" * 2000])
def test_no_subject_is_too_odd_to_be_kept(subject):
    outcome = send(MailboxTransport({}), mail(subject=subject))

    assert outcome.verdict is Verdict.SENT
    assert len(MailboxMessage.objects.get().subject) <= 998
