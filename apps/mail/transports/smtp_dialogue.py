"""smtplib with one deadline over all steps, and replies read to the letter."""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

# A reply of three digits, as RFC 5321 (section 4.2) has it; anything else is no reply.
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n]*))?\r?\n")
_LONGEST_REPLY = 64 * 1024


class Dialogue(smtplib.SMTP):
    """One connection. A server that drips a byte at a time gains nothing, and half a reply, as a
    connection that is cut leaves behind, is none.

    Raises SMTPServerDisconnected, TimeoutError or another OSError once it is of no more use.
    """

    def __init__(self, *, implicit_tls: bool) -> None:
        super().__init__(local_hostname=settings.MAIL_DOMAIN)
        self._implicit_tls = implicit_tls
        self._deadline = 0.0
        self._buffer = b""

    def allow(self, seconds: float) -> None:
        """Set the deadline of the steps that follow."""
        self._deadline = time.monotonic() + seconds

    @property
    def is_open(self) -> bool:
        return self.sock is not None

    def connect_to(self, host: str, port: int) -> None:
        """Connect, hear the banner, say EHLO. SMTPResponseException when we are not welcome."""
        # What starttls checks the certificate against; smtplib sets it in its constructor only.
        self._host = host
        code, banner = self.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, banner)
        self.ehlo_or_helo_if_needed()

    def start_tls(self) -> None:
        """Encrypt, checking the certificate, and say EHLO again.

        What was read ahead came in the clear, from whoever sits between; it is forgotten.
        """
        # Without a context of ours smtplib checks no certificate at all.
        self.starttls(context=ssl.create_default_context())
        self._buffer = b""
        self.ehlo_or_helo_if_needed()

    @property
    def asks_together(self) -> bool:
        """Whether the server takes several commands at once (RFC 2920)."""
        return self.has_extn("pipelining")

    def ask(self, commands: Sequence[str]) -> Iterator[int]:
        """Say these commands, together if the server allows it, else each when the one before has
        been answered; the codes of the answers.
        """
        if self.asks_together:
            self.send("".join(f"{command}\r\n" for command in commands))
        for command in commands:
            if not self.asks_together:
                self.send(f"{command}\r\n")
            yield self.getreply()[0]

    def getreply(self) -> tuple[int, bytes]:
        words = b""
        while len(words) < _LONGEST_REPLY:
            match = _REPLY_LINE.fullmatch(self._read_line())
            if match is None:
                break
            words += b"\n" + (match[3] or b"")
            if match[2] != b"-":
                return int(match[1]), words[1:]
        self.close()
        raise smtplib.SMTPServerDisconnected("this is no SMTP reply")

    def send(self, s: Any) -> None:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        try:
            self.sock.settimeout(self._left())
            self.sock.sendall(s.encode("ascii") if isinstance(s, str) else s)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        super().close()
        self._buffer = b""

    def _read_line(self) -> bytes:
        while b"\n" not in self._buffer:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            chunk = self._receive(self.sock)
            if not chunk or len(self._buffer) > _LONGEST_REPLY:
                self.close()
                raise smtplib.SMTPServerDisconnected("the connection was closed")
            self._buffer += chunk
        line, newline, self._buffer = self._buffer.partition(b"\n")
        return line + newline

    def _receive(self, sock: socket.socket) -> bytes:
        try:
            sock.settimeout(self._left())
            return sock.recv(4096)
        except OSError:
            self.close()
            raise

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        """Try each address of the host with its share of what is left of the deadline."""
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for untried in range(len(addresses), 0, -1):
            family, kind, protocol, _, address = addresses[-untried]
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._left() / untried)
                sock.connect(address)
                return self._wrapped(sock, host)
            except OSError:
                sock.close()
                if untried == 1:
                    raise
        raise OSError(f"{host} has no address")

    def _wrapped(self, sock: socket.socket, host: str) -> socket.socket:
        if not self._implicit_tls:
            return sock
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
