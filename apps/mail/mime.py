"""Bytes of a mail: header lines and quoted-printable parts that values can be spliced into.

The standard library folds a long List-Unsubscribe or References into encoded words, which no mail
client reads, and breaks quoted-printable lines wherever they happen to be full.
"""

import binascii
from collections.abc import Iterable
from email.header import Header
from email.utils import formataddr, parseaddr
from functools import cache, lru_cache

from django.utils.encoding import punycode

# Source: RFC 5321, section 4.5.3.1.6, without the line end.
MAX_LINE = 998
# Quoted-printable text never contains "=_", so this cannot occur in a part.
_BOUNDARY = b"=_daily-challenge"
_HEAD = (
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n'
    b"--" + _BOUNDARY + b"\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_BETWEEN = (
    b"\r\n--" + _BOUNDARY + b"\r\n"
    b'Content-Type: text/html; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_TAIL = b"\r\n--" + _BOUNDARY + b"--\r\n"
# A soft break on either side: whatever stands between has its lines to itself.
SOFT_BREAK = b"=\r\n"


def header_line(name: str, value: str) -> bytes:
    """One header, `value` on one line; words beyond ASCII are encoded and folded (RFC 2047)."""
    if not value.isascii() or "=?" in value:
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n", maxlinelen=75)
    elif len(name) + 2 + len(value) > MAX_LINE:
        raise ValueError(f"the header {name} is longer than {MAX_LINE} characters")
    return f"{name}: {value}\r\n".encode("ascii")


def wire_address(address: str) -> str:
    """An address as headers and SMTP want it: a domain beyond ASCII in its xn-- form."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_wire_domain(domain)}"


@lru_cache(maxsize=1024)
def _wire_domain(domain: str) -> str:
    return punycode(domain)


@cache
def mailbox(name_and_address: str) -> str:
    """`Name <address>`, the name encoded where it must be."""
    return formataddr(parseaddr(name_and_address))


def quoted_printable(text: str) -> bytes:
    """Text as a quoted-printable body: lines of at most 76 characters, ended by CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")


def multipart(headers: Iterable[bytes], text_body: bytes, html_body: bytes) -> bytes:
    """A whole multipart/alternative mail of header lines and encoded bodies."""
    return b"".join((*headers, _HEAD, text_body, _BETWEEN, html_body, _TAIL))
