"""The anymail transport, against a stub that speaks Postmark's wire format over real HTTP."""

import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.mail.message import Message
from apps.mail.transports import Outcome, Verdict
from apps.mail.transports.anymail import AnymailTransport, check_provider
from config.connections import mail_transport_from_url
from config.local.valkey import free_port

MAIL = Message(
    recipient="ada@example.org",
    message_id="<delivery.1.abc@challenge.example>",
    subject="Why is the second\r\nrequest slow?",
    text="The text",
    html="<p>The page</p>",
    headers={"Auto-Submitted": "auto-generated"},
)
ACCEPTED = {
    "To": "ada@example.org",
    "SubmittedAt": "2027-05-05T08:00:00Z",
    "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    "ErrorCode": 0,
    "Message": "OK",
}


class Provider(ThreadingHTTPServer):
    """Answers every request with `status` and `body`, or does `deed` instead."""

    daemon_threads = False
    block_on_close = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ProviderRequest)
        self.requests = []
        self.connection_count = 0
        self.status, self.body = 200, ACCEPTED
        self.deed = None
        self.closing = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"


class ProviderRequest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connection_count += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        if self.server.deed:
            self.close_connection = True
            return self.server.deed(self)
        answer = json.dumps(self.server.body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Keep quiet."""


def drop(request):
    request.connection.shutdown(socket.SHUT_RDWR)


def say_nothing(request):
    request.server.closing.wait(20)


def drip(request):
    """A header line that does not end, a byte at a time."""
    try:
        while not request.server.closing.wait(0.05):
            request.wfile.write(b"H")
            request.wfile.flush()
    except OSError:
        return


def drop_within_the_body(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    request.wfile.flush()
    drop(request)


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


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
    return transport_to(f"postmark://?server_token=secret&api_url={provider.url}")


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
        (408, Outcome(Verdict.RETRY, "408")),
        (413, Outcome(Verdict.FAILED, "413")),
        (429, Outcome(Verdict.RETRY, "429", ends_batch=True)),
        (500, Outcome(Verdict.RETRY, "500")),
        (503, Outcome(Verdict.RETRY, "503")),
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


def test_a_repeated_mail_has_the_same_idempotency_key_where_the_provider_heeds_one(
    provider, transport_to
):
    provider.body = {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}
    transport = transport_to(f"resend://?api_key=secret&api_url={provider.url}")

    outcomes = [send(transport), send(transport)]

    assert [outcome.verdict for outcome in outcomes] == [Verdict.SENT] * 2
    keys = [headers["Idempotency-Key"] for _, headers, _ in provider.requests]
    assert keys == [MAIL.message_id] * 2


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
