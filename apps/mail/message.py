"""One mail ready to leave: what every transport needs, and nothing about why it is sent."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from apps.core.text import normalize
from apps.mail import mime

_UNSAFE_IN_HEADER = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def safe_header(value: str) -> str:
    """The value on one line: line breaks, NUL and other control characters become one space."""
    return _UNSAFE_IN_HEADER.sub(" ", value).strip()


def keyed_hash(purpose: str, value: str) -> str:
    """A hash of `value` that only this installation can make; hexadecimal, 64 characters.

    Its key outlives a change of SECRET_KEY: a suppressed address stays suppressed.
    """
    return hmac.digest(_key(purpose, settings.ADDRESS_KEY), value.encode(), "sha256").hex()


@lru_cache(maxsize=64)
def _key(purpose: str, secret: str) -> bytes:
    return f"dc.{purpose}.{secret}".encode()


def address_digest(address: str) -> str:
    """The keyed hash under which a suppressed address is remembered after the address itself is
    gone.
    """
    return keyed_hash("address", normalize(address))


def message_id_for(table: str, row_id: int) -> str:
    """The Message-ID of an outbox row: the same on every attempt, and not to be guessed."""
    proof = keyed_hash("message-id", f"{table}:{row_id}")[:24]
    return f"<{table}.{row_id}.{proof}@{settings.MAIL_DOMAIN}>"


@dataclass(frozen=True)
class Message:
    """A composed mail.

    `headers` are those beside From, To, Reply-To, Subject, Date and Message-ID.
    """

    recipient: str
    message_id: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """The complete MIME message, as handed to an SMTP server."""
        return mime.multipart(
            self.header_lines(), mime.quoted_printable(self.text), mime.quoted_printable(self.html)
        )

    def header_lines(self) -> list[bytes]:
        """All headers, each one line unless its words had to be encoded."""
        return [*shared_lines(self.subject), *self.own_lines(), *lines(self.headers)]

    def own_lines(self) -> list[bytes]:
        """The headers that no other mail has."""
        return lines(
            {
                "To": mime.wire_address(safe_header(self.recipient)),
                "Date": format_datetime(timezone.now()),
                "Message-ID": self.message_id,
            }
        )


def shared_lines(subject: str) -> list[bytes]:
    """The headers that all mails of one subject have."""
    sender = mime.mailbox(settings.DEFAULT_FROM_EMAIL)
    return lines({"From": sender, "Reply-To": settings.REPLY_TO, "Subject": subject})


def lines(headers: Mapping[str, str]) -> list[bytes]:
    """Headers as bytes, whatever is in their values on one line each."""
    return [mime.header_line(name, safe_header(value)) for name, value in headers.items()]
