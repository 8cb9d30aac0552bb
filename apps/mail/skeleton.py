"""A mail that many people get: composed once, with slots for what is each reader's own.

Filling a slot costs microseconds, composing the mail milliseconds. `slot(name)` stands in a
template's context wherever a personal value will be; what the templates made of it is then cut
at the slots.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from html import escape
from typing import AnyStr

from apps.mail import mime
from apps.mail.message import Message, lines, shared_lines

# Letters and digits only, so that neither escaping nor CSS inlining touches it; new in each
# process, so that no problem's text can hold one.
_MARK = f"slot{secrets.token_hex(8)}"
_SLOT = re.compile(_MARK + "q([a-z_]+)q")
# What the check at building fills in: longer than an encoded line, and in need of escaping.
_SAMPLE = "<&é> = " * 20


def slot(name: str) -> str:
    """The placeholder of a personal value; `name` is lower case letters and underscores."""
    return f"{_MARK}q{name}q"


class SkeletonError(Exception):
    """The mail that came out is not the mail that went in; nothing built on it may be sent."""


@dataclass(frozen=True, slots=True)
class _Body:
    """One part, cut at its slots: fixed pieces, and between each two the name of a value."""

    pieces: tuple[str, ...]
    encoded: tuple[bytes, ...]
    names: tuple[str, ...]

    @classmethod
    def cut(cls, body: str) -> "_Body":
        parts = _SLOT.split(body)
        return cls(
            tuple(parts[::2]),
            tuple(map(mime.quoted_printable, parts[::2])),
            tuple(parts[1::2]),
        )

    def fill(self, values: Mapping[str, str]) -> str:
        return "".join(_woven(self.pieces, [values[name] for name in self.names]))

    def encode(self, values: Mapping[str, str]) -> bytes:
        """The quoted-printable part: each value stands between soft line breaks."""
        return b"".join(_woven(self.encoded, [_encoded(values[name]) for name in self.names]))


# A mail has the same value in both parts, and half of them are those of the mail before.
@lru_cache(maxsize=256)
def _encoded(value: str) -> bytes:
    return mime.SOFT_BREAK + mime.quoted_printable(value) + mime.SOFT_BREAK


def _woven(pieces: Sequence[AnyStr], values: Sequence[AnyStr]) -> list[AnyStr]:
    woven = list(pieces) + list(values)
    woven[::2], woven[1::2] = pieces, values
    return woven


class Skeleton:
    """A composed mail with slots.

    Raises SkeletonError when a filled sample does not decode to itself.
    """

    def __init__(self, *, subject: str, text: str, html: str, headers: Mapping[str, str]) -> None:
        self.subject = subject
        self._headers = headers
        self._header_lines = b"".join((*shared_lines(subject), *lines(headers)))
        self._text, self._html = _Body.cut(text), _Body.cut(html)
        self.names = frozenset((*self._text.names, *self._html.names))
        self._check()

    def fill(
        self,
        *,
        recipient: str,
        message_id: str,
        headers: Mapping[str, str],
        values: Mapping[str, str],
    ) -> Message:
        """One person's mail. `values` are plain text; they are escaped for the HTML part here."""
        escaped = {name: escape(values[name]) for name in self._html.names}
        return _FilledMessage(
            recipient=recipient,
            message_id=message_id,
            subject=self.subject,
            text=self._text.fill(values),
            html=self._html.fill(escaped),
            headers={**self._headers, **headers},
            shared=self._header_lines,
            own=headers,
            bodies=(self._text, self._html),
            values=(values, escaped),
        )

    def _check(self) -> None:
        sample = self.fill(
            recipient="reader@example.org",
            message_id="<sample@example.org>",
            headers={},
            values=dict.fromkeys(self.names, _SAMPLE),
        )
        raw = sample.raw()
        text, html = decoded_parts(raw)
        if text != sample.text or html != sample.html:
            raise SkeletonError("the parts do not decode to what was rendered")
        if any(len(line) > mime.MAX_LINE for line in raw.split(b"\r\n")):
            raise SkeletonError(f"a line is longer than {mime.MAX_LINE} characters")


@dataclass(frozen=True, kw_only=True)
class _FilledMessage(Message):
    """A message whose bytes are spliced together from encoded pieces."""

    shared: bytes
    own: Mapping[str, str]
    bodies: tuple[_Body, _Body]
    values: tuple[Mapping[str, str], Mapping[str, str]]

    def raw(self) -> bytes:
        text, html = (
            body.encode(values) for body, values in zip(self.bodies, self.values, strict=True)
        )
        return mime.multipart(self.header_lines(), text, html)

    def header_lines(self) -> list[bytes]:
        return [self.shared, *self.own_lines(), *lines(self.own)]


def decoded_parts(raw: bytes) -> tuple[str, str]:
    """The text and the HTML of a mail, as a reader's program decodes them; line ends as LF."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    return text, html
