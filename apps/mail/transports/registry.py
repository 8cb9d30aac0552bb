"""Picks the transport that settings.MAIL_TRANSPORT describes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from apps.mail.transports.anymail import AnymailTransport
from apps.mail.transports.base import Transport
from apps.mail.transports.mailbox import MailboxTransport
from apps.mail.transports.smtp import SmtpTransport

_KINDS: dict[str, Callable[[dict[str, Any]], Transport]] = {
    "smtp": SmtpTransport,
    "anymail": AnymailTransport,
    "mailbox": MailboxTransport,
}


@contextmanager
def open_transport() -> Iterator[Transport]:
    """One connection for one batch. Raises TransportDownError before anything is armed."""
    transport = _KINDS[settings.MAIL_TRANSPORT["kind"]](settings.MAIL_TRANSPORT)
    try:
        yield transport
    finally:
        transport.close()
