"""The SMTP transport: good paths against aiosmtpd, bad ones against a server that misbehaves."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import AuthResult, LoginPassword

from apps.mail.message import Message
from apps.mail.transports import Blame, Outcome, TransportDownError, Verdict
from apps.mail.transports.smtp import SmtpTransport, spoken, stuffed
from config.connections import mail_transport_from_url
from config.local.valkey import free_port

CERTIFICATE = Path(__file__).with_name("localhost.pem")
MAIL = Message(
    recipient="ada@example.org",
    message_id="<delivery.1.abc@challenge.example>",
    subject="Why is the second request slow?",
    text="First line\n.\n..two dots\nünïcode",
    html="<p>Grüße</p>",
    headers={"Auto-Submitted": "auto-generated"},
)


class Inbox(MessageHandler):
    def __init__(self):
        super().__init__()
        self.mails = []
        self.senders = []

    def prepare_message(self, session, envelope):
        self.senders.append(envelope.mail_from)
        return super().prepare_message(session, envelope)

    def handle_message(self, message):
        self.mails.append(message)


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def aiosmtpd(inbox):
    """Starts aiosmtpd with the options given and returns its port."""
    controllers = []

    def start(**options):
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        controllers.append(controller)
        return controller.port

    yield start
    for controller in controllers:
        controller.stop()


def connect(url):
    return SmtpTransport(mail_transport_from_url(url))


def send(transport, mail=MAIL):
    try:
        return transport.send(transport.prepare(mail))
    finally:
        transport.close()


def test_a_mail_arrives_as_it_was_composed(aiosmtpd, inbox):
    transport = connect(f"smtp://127.0.0.1:{aiosmtpd()}")

    outcome = send(transport)

    assert outcome == Outcome(Verdict.SENT, "250")
    (mail,) = inbox.mails
    text, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())
    assert text.replace("\r\n", "\n").rstrip("\n") == MAIL.text
    assert html.strip() == MAIL.html
    assert inbox.senders == ["challenge@challenge.example"]
    assert {name: mail[name] for name in ("To", "Subject", "Message-ID", "Auto-Submitted")} == {
        "To": MAIL.recipient,
        "Subject": MAIL.subject,
        "Message-ID": MAIL.message_id,
        "Auto-Submitted": "auto-generated",
    }


def test_one_connection_carries_many_mails(aiosmtpd, inbox):
    transport = connect(f"smtp://127.0.0.1:{aiosmtpd()}")

    verdicts = [transport.send(transport.prepare(MAIL)).verdict for _ in range(3)]
    transport.close()

    assert verdicts == [Verdict.SENT] * 3
    assert len(inbox.mails) == 3


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_credentials_are_shown(aiosmtpd, inbox):
    def check(server, session, envelope, mechanism, data):
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"ada", b"se:cret@"))

    port = aiosmtpd(authenticator=check, auth_require_tls=False, auth_required=True)

    outcome = send(connect(f"smtp://ada:se%3Acret%40@127.0.0.1:{port}"))

    assert outcome.verdict is Verdict.SENT


def test_wrong_credentials_are_about_us(aiosmtpd):
    def refuse(server, session, envelope, mechanism, data):
        return AuthResult(success=False, handled=False)

    port = aiosmtpd(authenticator=refuse, auth_require_tls=False)

    with pytest.raises(TransportDownError) as caught:
        connect(f"smtp://ada:wrong@127.0.0.1:{port}")

    assert (caught.value.code, caught.value.refuses_us) == ("535", True)


def test_credentials_that_cannot_be_said_are_no_connection(aiosmtpd):
    port = aiosmtpd(auth_require_tls=False)

    with pytest.raises(TransportDownError):
        connect(f"smtp://ada:gehe%C3%AFm@127.0.0.1:{port}")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
def test_tls_checks_the_certificate(scheme, aiosmtpd, inbox, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    key = "tls_context" if scheme == "smtp+tls" else "ssl_context"
    url = f"{scheme}://localhost:{aiosmtpd(**{key: context})}"

    with pytest.raises(TransportDownError) as caught:
        connect(url)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    outcome = send(connect(url))

    assert caught.value.code == "SSLCertVerificationError"
    assert not caught.value.refuses_us
    assert outcome.verdict is Verdict.SENT


def test_a_server_without_tls_gets_nothing_in_the_clear(aiosmtpd, inbox):
    with pytest.raises(TransportDownError) as caught:
        connect(f"smtp+tls://127.0.0.1:{aiosmtpd()}")

    assert caught.value.code == "SMTPNotSupportedError"


def test_nobody_listening_is_no_connection():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        with pytest.raises(TransportDownError) as caught:
            connect(f"smtp://127.0.0.1:{port}")

    assert (caught.value.code, caught.value.refuses_us) == ("ConnectionRefusedError", False)


RETRY, FAILED, UNCERTAIN, NOT_US = (
    Verdict.RETRY,
    Verdict.FAILED,
    Verdict.UNCERTAIN,
    Verdict.REFUSED_US,
)
MAIL_ITSELF, DOUBTFUL, PROVIDER, SENDER = Blame.MAIL, Blame.DOUBTFUL, Blame.PROVIDER, Blame.SENDER
LOST = "connection_lost"
POSITIONS = [
    # at, do, verdict, code, what it is about, the connection is of no more use
    ("mail", "451 later", RETRY, "451", PROVIDER, False),
    ("mail", "550 no", RETRY, "550", SENDER, False),
    ("mail", "553 not yours", RETRY, "553", SENDER, False),
    ("mail", "530 who are you?", NOT_US, "530", MAIL_ITSELF, False),
    ("mail", "538 not in the clear", NOT_US, "538", MAIL_ITSELF, False),
    ("mail", "354 go on", RETRY, "354", PROVIDER, False),
    ("mail", "421 closing", RETRY, "421", PROVIDER, True),
    ("mail", "drop", RETRY, LOST, MAIL_ITSELF, True),
    ("mail", "silence", RETRY, "timeout", MAIL_ITSELF, True),
    ("rcpt", "452 full", RETRY, "452", MAIL_ITSELF, False),
    ("rcpt", "550 nobody", FAILED, "550", MAIL_ITSELF, False),
    ("rcpt", "530 who are you?", NOT_US, "530", MAIL_ITSELF, False),
    ("rcpt", "534 too weak", NOT_US, "534", MAIL_ITSELF, False),
    ("rcpt", "421 closing", RETRY, "421", MAIL_ITSELF, True),
    ("rcpt", "drop", RETRY, LOST, MAIL_ITSELF, True),
    ("rcpt", "silence", RETRY, "timeout", MAIL_ITSELF, True),
    ("data", "451 later", RETRY, "451", DOUBTFUL, False),
    ("data", "554 no", FAILED, "554", MAIL_ITSELF, False),
    ("data", "535 no", NOT_US, "535", MAIL_ITSELF, False),
    ("data", "250 what?", RETRY, "250", DOUBTFUL, False),
    ("data", "drop", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("data", "silence", UNCERTAIN, "timeout", MAIL_ITSELF, True),
    ("content", "drop", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("content", "silence", UNCERTAIN, "timeout", MAIL_ITSELF, True),
    ("dot", "451 later", RETRY, "451", DOUBTFUL, False),
    ("dot", "554 spam", FAILED, "554", MAIL_ITSELF, False),
    ("dot", "530 what?", FAILED, "530", MAIL_ITSELF, False),
    ("dot", "421 closing", RETRY, "421", DOUBTFUL, True),
    ("dot", "354 go on", UNCERTAIN, "354", MAIL_ITSELF, True),
    ("dot", "25", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("dot", "hello there", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("dot", "drop", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("dot", "silence", UNCERTAIN, "timeout", MAIL_ITSELF, True),
    ("taken", "drop", UNCERTAIN, LOST, MAIL_ITSELF, True),
    ("taken", "silence", UNCERTAIN, "timeout", MAIL_ITSELF, True),
]


TOGETHER = {"at": "ehlo", "do": "250-here\r\n250 PIPELINING"}


@pytest.mark.parametrize("greeting", [(), (TOGETHER,)], ids=["one by one", "together"])
@pytest.mark.parametrize(("at", "do", "verdict", "code", "blame", "ends"), POSITIONS)
def test_an_outcome_is_told_by_code_and_position(
    mail_server, greeting, at, do, verdict, code, blame, ends
):
    mail_server.behave(*greeting)
    transport = connect(f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.behave({"at": at, "do": do, "times": 1})

    outcome = transport.send(transport.prepare(MAIL))
    following = None if ends else transport.send(transport.prepare(MAIL))
    transport.close()

    assert outcome == Outcome(verdict, code, ends_batch=ends, blame=blame)
    assert following == (None if ends else Outcome(Verdict.SENT, "250"))


@pytest.mark.parametrize(
    ("do", "code", "refuses_us"),
    [
        ("535 5.7.8 no", "535", True),
        ("454 later", "454", False),
        ("421 closing", "421", False),
        ("drop", "SMTPServerDisconnected", False),
        ("silence", "TimeoutError", False),
    ],
)
def test_only_a_final_refusal_of_our_credentials_is_about_us(mail_server, do, code, refuses_us):
    mail_server.behave({"at": "auth", "do": do})

    with pytest.raises(TransportDownError) as caught:
        connect(f"smtp://ada:secret@127.0.0.1:{mail_server.port}")

    assert (caught.value.code, caught.value.refuses_us) == (code, refuses_us)


@pytest.mark.parametrize("at", ["banner", "ehlo"])
@pytest.mark.parametrize("do", ["421 busy", "554 not you", "drop", "silence", "gibberish"])
def test_no_welcome_is_no_connection_and_not_about_us(mail_server, at, do):
    mail_server.behave({"at": at, "do": do}, {"at": "helo", "do": "502 what?"})

    with pytest.raises(TransportDownError) as caught:
        connect(f"smtp://127.0.0.1:{mail_server.port}")

    assert not caught.value.refuses_us


def test_a_refusal_stands_when_the_connection_breaks_after_it(mail_server):
    transport = connect(f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.behave({"at": "rcpt", "do": "550 nobody"}, {"at": "rset", "do": "drop"})

    outcome = send(transport)

    assert outcome == Outcome(Verdict.FAILED, "550", ends_batch=True)


def test_a_server_that_wants_a_refused_mail_all_the_same_gets_none(mail_server):
    # As RFC 2920 lets it, when all commands came at once.
    mail_server.behave(TOGETHER)
    transport = connect(f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.behave({"at": "rcpt", "do": "550 nobody"}, {"at": "data", "do": "354 go on"})

    outcome = transport.send(transport.prepare(MAIL))
    transport.close()

    assert outcome == Outcome(Verdict.FAILED, "550", ends_batch=True)
    assert mail_server.mails() == []


@pytest.mark.parametrize(("at", "verdict"), [("rcpt", RETRY), ("dot", UNCERTAIN)])
def test_a_server_that_drips_gains_no_time(at, verdict, settings):
    settings.MAIL_MESSAGE_S = 0.5
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=drip, args=[listener, at])
    thread.start()
    transport = connect(f"smtp://127.0.0.1:{listener.getsockname()[1]}")

    began = time.monotonic()
    outcome = send(transport)
    took_s = time.monotonic() - began
    thread.join()
    listener.close()

    assert outcome == Outcome(verdict, "timeout", ends_batch=True)
    assert 0.4 < took_s < 2


def drip(listener, at):
    """Answer `at` a byte at a time, for ever."""
    sock, _ = listener.accept()
    with sock, sock.makefile("rb") as lines:
        sock.sendall(b"220 ready\r\n")
        for words in (b"EHLO", b"MAIL", b"RCPT", b"DATA", b"dot"):
            while not (line := lines.readline().upper()).startswith(words) and line != b".\r\n":
                continue
            if words.decode().lower() == at:
                break
            sock.sendall(b"354 go\r\n" if words == b"DATA" else b"250 ok\r\n")
        try:
            while True:
                sock.sendall(b"2")
                time.sleep(0.05)
        except OSError:
            return


def test_a_reply_that_never_ends_is_a_broken_connection():
    listener = socket.create_server(("127.0.0.1", 0))

    def babble():
        sock, _ = listener.accept()
        with sock:
            try:
                while True:
                    sock.sendall(b"220-still here\r\n" * 100)
            except OSError:
                return

    thread = threading.Thread(target=babble)
    thread.start()

    with pytest.raises(TransportDownError) as caught:
        connect(f"smtp://127.0.0.1:{listener.getsockname()[1]}")
    thread.join()
    listener.close()

    assert caught.value.code == "SMTPServerDisconnected"


def test_closing_a_silent_connection_takes_no_more_than_two_seconds(mail_server):
    transport = connect(f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.behave({"at": "quit", "do": "silence"})

    began = time.monotonic()
    transport.close()

    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("raw", "wire"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n.a\r\n..\r\n", b"..\r\n..a\r\n...\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_no_line_of_a_mail_can_end_it(raw, wire):
    assert stuffed(raw) == wire


def test_a_domain_beyond_ascii_is_said_in_punycode():
    assert spoken("ada@bücher.example") == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org\r\nRCPT TO:<eve@example.org>",
        "a da@example.org",
        "<ada@example.org>",
        "a\0b",
    ],
)
def test_an_address_cannot_break_out_of_its_command(address):
    with pytest.raises(ValueError, match="cannot be said"):
        spoken(address)
