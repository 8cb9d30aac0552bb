"""SMTP, step by step, because what a failure means depends on how far the dialogue got.

A drop after the final dot and one before raise the same exception, and so do a 451 and a 550 at
RCPT: outcomes are told by reply code and by position, never by exception class.
"""

import enum
import re
import smtplib
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.mail.message import Message
from apps.mail.mime import wire_address
from apps.mail.transports.base import Blame, Outcome, TransportDownError, Verdict
from apps.mail.transports.smtp_dialogue import Dialogue

_BROKEN = (smtplib.SMTPException, OSError)
_MAIL_TAKEN, _RECIPIENT_TAKEN, _GO_ON, _CLOSING = (250,), (250, 251), 354, 421
# Show who you are, encrypt: it wants something of us that EMAIL_URL does not hold.
# Source: RFC 4954, section 6; RFC 3207, section 4.
_NOT_LIKE_THIS = (530, 534, 535, 538)
_UNSPEAKABLE = re.compile(r"[^\x21-\x7e]|[<>]")


class _Step(enum.IntEnum):
    """What a reply answers: a command, by how many come after it, or the content."""

    MAIL = 2
    RCPT = 1
    DATA = 0
    CONTENT = -1


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail as the dialogue carries it: `content` is dot-stuffed and ended."""

    recipient: str
    content: bytes


class SmtpTransport:
    """One connection to the mail server that EMAIL_URL names."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._sender = spoken(settings.EMAIL_FROM)
        self._smtp = Dialogue(implicit_tls=config["ssl"])
        self._smtp.allow(settings.MAIL_CONNECT_S)
        try:
            self._greet(config)
        # smtplib takes credentials in ASCII only, and says so with a UnicodeError.
        except (*_BROKEN, UnicodeError) as error:
            self._smtp.close()
            raise _down(error) from error

    def prepare(self, message: Message, *, key: str = "") -> Envelope:
        return Envelope(spoken(message.recipient), stuffed(message.raw()))

    def send(self, prepared: Envelope) -> Outcome:
        """MAIL, RCPT, DATA, the content. Until DATA is answered the server holds nothing; from then
        on silence means that it may hold the mail.
        """
        self._smtp.allow(settings.MAIL_MESSAGE_S)
        steps = (f"MAIL FROM:<{self._sender}>", f"RCPT TO:<{prepared.recipient}>", "DATA")
        replies = self._smtp.ask(steps)
        try:
            for step, welcome in ((_Step.MAIL, _MAIL_TAKEN), (_Step.RCPT, _RECIPIENT_TAKEN)):
                code = next(replies)
                if code not in welcome:
                    return self._refused(code, step)
        except _BROKEN as error:
            return Outcome(Verdict.RETRY, _lost(error), ends_batch=True)
        try:
            code = next(replies)
            if code != _GO_ON:
                return self._refused(code, _Step.DATA)
            return self._hand_over(prepared.content)
        except _BROKEN as error:
            return Outcome(Verdict.UNCERTAIN, _lost(error), ends_batch=True)

    def close(self) -> None:
        self._smtp.allow(2)
        try:
            if self._smtp.is_open:
                self._smtp.quit()
        except _BROKEN:
            self._smtp.close()

    def _greet(self, config: dict[str, Any]) -> None:
        self._smtp.connect_to(config["host"], config["port"])
        if config["starttls"]:
            self._smtp.start_tls()
        if config["username"]:
            self._smtp.login(config["username"], config["password"])

    def _hand_over(self, content: bytes) -> Outcome:
        self._smtp.send(content)
        code, _ = self._smtp.getreply()
        if 200 <= code < 300:
            return Outcome(Verdict.SENT, str(code))
        if code < 400:
            # Neither yes nor no.
            return Outcome(Verdict.UNCERTAIN, str(code), ends_batch=True)
        return _told(code, _Step.CONTENT, ends_batch=code == _CLOSING)

    def _refused(self, code: int, step: _Step) -> Outcome:
        """The outcome of a refusal before the content, leaving the connection ready for the next
        mail. What was said stands, whatever becomes of the connection.
        """
        is_usable = code != _CLOSING
        try:
            # A server that wants the content all the same gets none, and no dot that ends it.
            if is_usable and self._smtp.asks_together:
                is_usable = all(self._smtp.getreply()[0] != _GO_ON for _ in range(step))
            if is_usable:
                is_usable = self._smtp.rset()[0] == 250
        except _BROKEN:
            is_usable = False
        return _told(code, step, ends_batch=not is_usable)


def spoken(address: str) -> str:
    """The address as the envelope takes it; ValueError when it would break the command it is in."""
    words = wire_address(address)
    if _UNSPEAKABLE.search(words):
        raise ValueError("this address cannot be said in SMTP")
    return words


def stuffed(raw: bytes) -> bytes:
    """Dot-stuffed and ended (RFC 5321, section 4.5.2)."""
    body = raw.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _told(code: int, step: _Step, *, ends_batch: bool) -> Outcome:
    """What a reply that is no yes means; one that does not belong there is a fault that may pass.

    An answer to MAIL is about us: it is not known yet for whom the mail is. One to the content may
    be about that or not.
    """
    verdict, blame = Verdict.FAILED if code >= 500 else Verdict.RETRY, Blame.MAIL
    if code in _NOT_LIKE_THIS and step is not _Step.CONTENT:
        verdict = Verdict.REFUSED_US
    elif step is _Step.MAIL:
        verdict, blame = Verdict.RETRY, Blame.SENDER if code >= 500 else Blame.PROVIDER
    elif verdict is Verdict.RETRY and step is not _Step.RCPT:
        blame = Blame.DOUBTFUL
    return Outcome(verdict, str(code), ends_batch=ends_batch, blame=blame)


def _lost(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else "connection_lost"


def _down(error: Exception) -> TransportDownError:
    """Why there is no connection. Of all refusals only a final one of our credentials is about us;
    a server that turns everybody away may be better in a minute.
    """
    if isinstance(error, smtplib.SMTPResponseException):
        refuses_us = isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500
        return TransportDownError(str(error.smtp_code), refuses_us=refuses_us)
    return TransportDownError(type(error).__name__)
