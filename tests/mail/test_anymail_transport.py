"""The anymail transport, against stubs that speak Postmark's and Resend's wire format over HTTP."""

import re
import time
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.mail.message import Message
from apps.mail.transports import Blame, Outcome, Verdict
from apps.mail.transports.anymail import AnymailTransport, check_provider
from config.connections import mail_transport_from_url
from config.local.valkey import free_port
from tests.mail.http_provider import ACCEPTED, drip, drop, drop_within_the_body, say_nothing

MAIL = Message(
    recipient="ada@example.org",
    message_id="<delivery.1.abc@challenge.example>",
    subject="Why is the second\r\nrequest slow?",
    text="The text",
    html="<p>The page</p>",
    headers={"Auto-Submitted": "auto-generated"},
)


@pytest.fixture
def transport_to(settings):
    """Opens the transport that an EMAIL_URL describes."""
    opened = []

    def open_one(url):
        config = mail_transport_from_url(url)
        settings.MAIL_MESSAGE_S = 0.5
        settings.ANYMAIL = {"REQUESTS_TIMEOUT": (1, 0.3), **config["settings"]}
        opened.append(AnymailTransport(config))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.close()


@pytest.fixture
def transport(provider, transport_to):
    return transport_to(provider.email_url)


def send(transport, mail=MAIL):
    return transport.send(transport.prepare(mail))


def test_a_mail_reaches_the_provider_with_all_it_needs(provider, transport):
    outcome = send(transport)

    assert outcome == Outcome(Verdict.SENT, "200", ACCEPTED["MessageID"])
    ((path, headers, posted),) = provider.requests
    assert path == "/email"
    assert headers["X-Postmark-Server-Token"] == "secret"
    assert posted == {
        "From": "Daily Challenge <challenge@challenge.example>",
        "To": "ada@example.org",
        "ReplyTo": "editor@challenge.example",
        "Subject": "Why is the second request slow?",
        "TextBody": "The text",
        "HtmlBody": "<p>The page</p>",
        "Headers": [
            {"Name": "Message-ID", "Value": MAIL.message_id},
            {"Name": "Auto-Submitted", "Value": "auto-generated"},
        ],
        "Metadata": {"outgoing": MAIL.message_id},
        "TrackOpens": False,
        "TrackLinks": "None",
    }


def test_one_connection_carries_many_mails(provider, transport):
    verdicts = [send(transport).verdict for _ in range(3)]

    assert verdicts == [Verdict.SENT] * 3
    assert provider.connection_count == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome(Verdict.FAILED, "400")),
        (401, Outcome(Verdict.REFUSED_US, "401", ends_batch=True)),
        (403, Outcome(Verdict.REFUSED_US, "403", ends_batch=True)),
        (404, Outcome(Verdict.FAILED, "404")),
        (408, Outcome(Verdict.RETRY, "408", blame=Blame.PROVIDER)),
        (413, Outcome(Verdict.FAILED, "413")),
        (429, Outcome(Verdict.RETRY, "429", ends_batch=True, blame=Blame.PROVIDER)),
        (500, Outcome(Verdict.RETRY, "500", blame=Blame.PROVIDER)),
        (503, Outcome(Verdict.RETRY, "503", blame=Blame.PROVIDER)),
    ],
)
def test_an_answer_is_told_by_its_status(provider, transport, status, outcome):
    provider.status, provider.body = status, {"ErrorCode": 1, "Message": "No."}

    assert send(transport) == outcome


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (
            "Found inactive addresses: ada@example.org. Inactive recipients are ones that have "
            "generated a hard bounce or a spam complaint.",
            "AnymailRecipientsRefused",
        ),
        ("Words that nobody knows.", "422"),
    ],
)
def test_a_recipient_that_the_provider_refuses_has_failed(provider, transport, words, code):
    provider.status, provider.body = 422, {"ErrorCode": 406, "Message": words}

    assert send(transport) == Outcome(Verdict.FAILED, code)


def test_a_yes_that_cannot_be_read_is_uncertain(provider, transport):
    provider.body = {"unexpected": True}

    assert send(transport) == Outcome(Verdict.UNCERTAIN, "200")


def test_a_mail_that_was_never_written_is_tried_again(transport_to):
    transport = transport_to(f"postmark://?server_token=x&api_url=http://127.0.0.1:{free_port()}/")

    assert send(transport) == Outcome(Verdict.RETRY, "connection_lost", ends_batch=True)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (drop, "connection_lost"),
        (drop_within_the_body, "connection_lost"),
        (say_nothing, "timeout"),
    ],
)
def test_silence_after_the_request_is_uncertain(provider, transport, deed, code):
    provider.deed = deed

    assert send(transport) == Outcome(Verdict.UNCERTAIN, code, ends_batch=True)


def test_a_provider_that_drips_gains_no_time(provider, transport):
    provider.deed = drip

    began = time.monotonic()
    outcome = send(transport)

    assert outcome == Outcome(Verdict.UNCERTAIN, "timeout", ends_batch=True)
    assert 0.4 < time.monotonic() - began < 2


@pytest.fixture
def to_resend(resend, transport_to):
    return transport_to(resend.email_url)


def post(transport, mail=MAIL, key="one"):
    return transport.send(transport.prepare(mail, key=key))


def test_a_mail_that_is_repeated_to_the_letter_is_answered_as_the_first_time(resend, to_resend):
    first, second = post(to_resend), post(to_resend)

    assert first == second == Outcome(Verdict.SENT, "200", resend.taken[0]["id"])
    assert len(resend.taken) == 1


def test_a_mail_that_has_been_taken_in_other_words_is_sent(resend, to_resend):
    post(to_resend)

    outcome = post(to_resend, replace(MAIL, html="<p>With another link</p>"))

    assert outcome == Outcome(Verdict.SENT, "409")
    assert len(resend.taken) == 1


def test_another_key_is_another_mail(resend, to_resend):
    post(to_resend, key="one")
    post(to_resend, key="two")

    assert [mail["key"] for mail in resend.taken] == ["one", "two"]


def test_a_mail_that_the_provider_is_still_busy_with_is_tried_again(resend, to_resend):
    resend.busy_with.add("one")

    assert post(to_resend) == Outcome(Verdict.UNDER_WAY, "409")
    assert resend.taken == []


@pytest.mark.parametrize(
    "body", [{"name": "validation_error"}, {}, [], "invalid_idempotent_request", None]
)
def test_any_other_conflict_is_a_refusal(resend, to_resend, body):
    resend.status, resend.body = 409, body

    assert post(to_resend) == Outcome(Verdict.FAILED, "409")


def test_a_provider_that_knows_no_keys_is_told_none(provider, transport):
    post(transport)

    assert "Idempotency-Key" not in provider.requests[0][1]


def test_a_provider_that_needs_its_own_client_is_refused_with_a_way_out():
    with pytest.raises(ImproperlyConfigured, match="use its SMTP server"):
        check_provider({"kind": "anymail", "provider": "test", "settings": {}})


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postmark://", "EMAIL_URL must hold server_token, as in postmark://?server_token=…."),
        ("postmark://?sever_token=x", "EMAIL_URL must hold server_token, "),
        ("mailjet://?api_key=x", "EMAIL_URL must hold secret_key, as in mailjet://?secret_key="),
    ],
)
def test_a_provider_that_lacks_something_is_refused_at_the_start(settings, url, words):
    config = mail_transport_from_url(url)
    settings.ANYMAIL = config["settings"]

    with pytest.raises(ImproperlyConfigured, match=re.escape(words)):
        check_provider(config)

    complete = mail_transport_from_url("mailjet://?api_key=x&secret_key=y")
    settings.ANYMAIL = complete["settings"]
    check_provider(complete)
