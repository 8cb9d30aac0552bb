"""A mail server that misbehaves on command, in a thread of the test."""

import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from config.connections import mail_transport_from_url
from tests.faults.mail_server import Journal, Rules, serve
from tests.mail.http_provider import Provider, Resend


class LocalMailServer:
    """See tests/faults/mail_server.py for what it can be told."""

    def __init__(self, journal: Path) -> None:
        self._rules, self._journal = Rules(), Journal(journal)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def behave(self, *rules: dict[str, Any]) -> None:
        self._rules.replace(list(rules))

    def mails(self) -> list[EmailMessage]:
        """What it has taken, in order."""
        return [message_from_bytes(c, policy=policy.default) for c in self._journal.contents]

    def raw(self) -> list[bytes]:
        """What it has taken, as it came, dots still stuffed."""
        return self._journal.contents

    @property
    def connection_count(self) -> int:
        return len(self._sockets)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for thread, sock in zip(self._threads, self._sockets, strict=True):
            sock.close() if not thread.is_alive() else self._hang_up(sock)
            thread.join()
        self._journal.close()

    def _hang_up(self, sock: socket.socket) -> None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _accept(self) -> None:
        self._threads: list[threading.Thread] = []
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=[sock, self._rules, self._journal])
            self._sockets.append(sock)
            self._threads.append(thread)
            thread.start()


@pytest.fixture
def mail_server(tmp_path: Path, settings: Any) -> Iterator[LocalMailServer]:
    """It is what EMAIL_URL names."""
    server = LocalMailServer(tmp_path / "taken.jsonl")
    settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{server.port}")
    settings.MAIL_CONNECT_S = settings.MAIL_MESSAGE_S = 0.5
    yield server
    server.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    yield server
    server.end()


@pytest.fixture
def resend() -> Iterator[Resend]:
    server = Resend()
    yield server
    server.end()


@pytest.fixture
def send_through(settings: Any) -> Callable[[Provider], None]:
    """Makes an HTTP provider what EMAIL_URL names."""

    def install(server: Provider) -> None:
        config = mail_transport_from_url(server.email_url)
        settings.MAIL_TRANSPORT = config
        settings.MAIL_MESSAGE_S = 0.5
        settings.ANYMAIL = {"REQUESTS_TIMEOUT": (1, 0.3), **config["settings"]}

    return install
