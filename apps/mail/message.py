"""One mail ready to leave: what every transport needs, and nothing about why it is sent."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.utils import timezone

from apps.core.text import normalize

_UNSAFE_IN_HEADER = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def safe_header(value: str) -> str:
    """The value on one line: line breaks, NUL and other control characters become one space."""
    return _UNSAFE_IN_HEADER.sub(" ", value).strip()


def keyed_hash(purpose: str, value: str) -> str:
    """A hash of `value` that only this installation can make; hexadecimal, 64 characters."""
    key = f"dc.{purpose}.{settings.SECRET_KEY}".encode()
    return hmac.digest(key, value.encode(), "sha256").hex()


def address_digest(address: str) -> str:
    """The keyed hash under which a suppressed address is remembered after the address itself is gone."""
    return keyed_hash("address", normalize(address))


def message_id_for(table: str, row_id: int) -> str:
    """The Message-ID of an outbox row: the same on every attempt, and not to be guessed."""
    return f"<{table}.{row_id}.{keyed_hash('message-id', f'{table}:{row_id}')[:24]}@{settings.MAIL_DOMAIN}>"


@dataclass(frozen=True)
class Message:
    """A composed mail; `headers` are those beside From, To, Reply-To, Subject, Date and Message-ID."""

    recipient: str
    message_id: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """The complete MIME message, as handed to an SMTP server."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = settings.DEFAULT_FROM_EMAIL
        mail["To"] = safe_header(self.recipient)
        mail["Reply-To"] = settings.REPLY_TO
        mail["Subject"] = safe_header(self.subject)
        mail["Date"] = format_datetime(timezone.now())
        mail["Message-ID"] = self.message_id
        for name, value in self.headers.items():
            mail[name] = safe_header(value)
        mail.set_content(self.text, cte="quoted-printable")
        mail.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return mail.as_bytes()

