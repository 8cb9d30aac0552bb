"""The connection of one run, over the transport that settings.MAIL_TRANSPORT describes."""

from collections.abc import Callable
from typing import Any, Self

from django.conf import settings

from apps.mail.transports.anymail import AnymailTransport
from apps.mail.transports.base import Outcome, Transport, Verdict
from apps.mail.transports.mailbox import MailboxTransport
from apps.mail.transports.smtp import SmtpTransport

_KINDS: dict[str, Callable[[dict[str, Any]], Transport]] = {
    "smtp": SmtpTransport,
    "anymail": AnymailTransport,
    "mailbox": MailboxTransport,
}


class Line:
    """Connections one after the other, each for as many mails as a full batch has.

    Batches of one share a connection; made when it is needed, replaced when it is of no more use.
    """

    def __init__(self) -> None:
        self._transport: Transport | None = None
        self._left = 0
        # Whether the present connection has carried a mail.
        self.is_working = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def transport(self) -> Transport:
        """The present connection. Raises TransportDownError when none can be had."""
        if self._transport is None:
            self._transport = _KINDS[settings.MAIL_TRANSPORT["kind"]](settings.MAIL_TRANSPORT)
            self._left = settings.MAIL_BATCH_SIZE
            self.is_working = False
        return self._transport

    def used(self, outcome: Outcome) -> None:
        """Take note of what became of one mail."""
        self._left -= 1
        self.is_working = self.is_working or outcome.verdict is Verdict.SENT
        if outcome.ends_batch or self._left <= 0:
            self._close()

    def _close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
