"""SMTP, step by step, because what a failure means depends on how far the dialogue got.

A drop after the final dot and one before raise the same exception, and so do a 451 and a 550 at
RCPT: outcomes are told by reply code and by position, never by exception class.
"""

import smtplib
import ssl
import time
from typing import Any

import structlog
from django.conf import settings

from apps.mail.message import Message
from apps.mail.transports.base import MESSAGE_TIMEOUT_S, Outcome, TransportDownError, Verdict

log = structlog.get_logger(__name__)
_MAX_REPLY_LINE = smtplib._MAXLINE  # type: ignore[attr-defined]  # -- the bound smtplib itself reads by


class SmtpTransport:
    """One connection to the mail server that EMAIL_URL names."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._smtp = _DeadlineSMTP(implicit_tls=config["ssl"])
        self._smtp.allow(settings.EMAIL_TIMEOUT)
        try:
            self._greet(config)
        except smtplib.SMTPResponseException as error:
            raise TransportDownError(str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TransportDownError(type(error).__name__) from error

    def send(self, message: Message) -> Outcome:
        self._smtp.allow(MESSAGE_TIMEOUT_S)
        try:
            refusal = self._envelope(message)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Verdict.RETRY, _lost(error), ends_batch=True)
        if refusal:
            return refusal
        try:
            return self._content(message)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Verdict.UNCERTAIN, _lost(error), ends_batch=True)

    def close(self) -> None:
        self._smtp.allow(2)
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError) as error:
            log.debug("smtp_quit_unheard", error=str(error))
            self._smtp.close()

    def _greet(self, config: dict[str, Any]) -> None:
        code, banner = self._smtp.connect(config["host"], config["port"])
        if code != 220:
            raise smtplib.SMTPConnectError(code, banner)
        self._smtp.ehlo_or_helo_if_needed()
        if config["starttls"]:
            self._smtp.starttls()
            self._smtp.ehlo_or_helo_if_needed()
        if config["username"]:
            self._smtp.login(config["username"], config["password"])

    def _envelope(self, message: Message) -> Outcome | None:
        """MAIL and RCPT: until DATA is said, the server holds nothing."""
        code, reply = self._smtp.mail(settings.EMAIL_FROM)
        if code == 250:
            code, reply = self._smtp.rcpt(message.recipient)
        if code in (250, 251):
            return None
        if code != 421:
            self._smtp.rset()
        return _by_code(code, reply)

    def _content(self, message: Message) -> Outcome:
        """DATA and what follows: from here on silence means that the server may hold the mail."""
        code, reply = self._smtp.docmd("DATA")
        if code == 354:
            self._smtp.send(_stuffed(message.raw()))
            code, reply = self._smtp.getreply()
        return _by_code(code, reply)


def _by_code(code: int, reply: bytes) -> Outcome:
    if 200 <= code < 300:
        return Outcome(Verdict.SENT, str(code))
    if code < 0:
        raise smtplib.SMTPServerDisconnected(reply.decode(errors="replace"))
    verdict = Verdict.FAILED if code >= 500 else Verdict.RETRY
    return Outcome(verdict, str(code), ends_batch=code == 421)


def _stuffed(raw: bytes) -> bytes:
    """Dot-stuffed and ended (RFC 5321, section 4.5.2)."""
    body = raw.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _lost(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else "connection_lost"


class _DeadlineSMTP(smtplib.SMTP):
    """smtplib with one deadline over all steps: a server that drips a byte at a time gains nothing."""

    def __init__(self, *, implicit_tls: bool) -> None:
        super().__init__(local_hostname=settings.MAIL_DOMAIN)
        self._implicit_tls = implicit_tls
        self._deadline = 0.0

    def allow(self, seconds: float) -> None:
        """Set the deadline of the steps that follow."""
        self._deadline = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the deadline; TimeoutError once it has passed."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the message's time is over")
        return left

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = _DeadlineReader(self)
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock:
            self.sock.settimeout(self.left())
        super().send(s)

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        sock = super()._get_socket(host, port, self.left())  # type: ignore[misc]  # -- no stub
        if self._implicit_tls:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        return sock


class _DeadlineReader:
    """Reads reply lines; each wait is bounded by what is left of the deadline."""

    def __init__(self, smtp: _DeadlineSMTP) -> None:
        self._smtp = smtp
        self._buffer = b""

    def readline(self, limit: int = _MAX_REPLY_LINE) -> bytes:
        while b"\n" not in self._buffer and len(self._buffer) < limit:
            assert self._smtp.sock is not None
            self._smtp.sock.settimeout(self._smtp.left())
            chunk = self._smtp.sock.recv(4096)
            if not chunk:
                break
            self._buffer += chunk
        end = self._buffer.find(b"\n") + 1 or len(self._buffer)
        line, self._buffer = self._buffer[:end][:limit], self._buffer[min(end, limit) :]
        return line

    def close(self) -> None:
        self._buffer = b""
