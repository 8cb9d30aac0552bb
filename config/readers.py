"""Readers of environment variables: each turns text into a value, or raises a ValueError that says
how the text must be.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit

Reader = Callable[[str], Any]

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
# What may stand before the @ without quotes. Source: RFC 5322, section 3.2.3.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAILBOX = re.compile(rf"(?=.{{1,64}}\Z){_ATOM}(\.{_ATOM})*")


def flag(text: str) -> bool:
    """Yes or no."""
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError("must be 1 or 0")


def whole(least: int, most: int) -> Reader:
    """A reader of whole numbers in a range, both ends included."""

    def read(text: str) -> int:
        # int() would also take "1_000", "+5" and the digits of other scripts.
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"must be a whole number from {least} to {most}")

    return read


def one_of(*choices: str) -> Reader:
    """A reader of one of these words."""

    def read(text: str) -> str:
        if text in choices:
            return text
        raise ValueError(f"must be {' or '.join(choices)}")

    return read


def optional(read: Reader) -> Reader:
    """A reader that also takes nothing at all."""
    return lambda text: read(text) if text else ""


def link_with(placeholder: str) -> Reader:
    """A reader of web addresses in which `{placeholder}` is filled in."""

    def read(text: str) -> str:
        if is_url(text, ("https", "http")) and text.count(f"{{{placeholder}}}") == 1:
            return text
        raise ValueError(f"must be a URL that holds {{{placeholder}}} once")

    return read


def names(text: str) -> list[str]:
    """A list, separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def mail_domain(text: str) -> str:
    """A host name that mails can come from or go to."""
    if not _HOST.fullmatch(text) or "." not in text:
        raise ValueError("must be a domain such as challenge.example")
    return text


def hosts(text: str) -> list[str]:
    """A list of host names; one that begins with a dot stands for all below it too."""
    found = names(text)
    if not all(_HOST.fullmatch(one.removeprefix(".")) for one in found):
        raise ValueError("must be host names separated by commas, without scheme, port or *")
    return found


def origins(text: str) -> list[str]:
    """A list of origins as browsers send them: scheme, host and perhaps port."""
    found = names(text)
    if not all(map(_is_origin, found)):
        raise ValueError("must be origins such as https://app.example, separated by commas")
    return found


def _is_origin(text: str) -> bool:
    place = text.partition("://")[2]
    if not is_url(text, ("https", "http")) or set(place) & set("/?#@"):
        return False
    return bool(_HOST.fullmatch(urlsplit(text).hostname or ""))


def site(text: str) -> str:
    """The one origin of the site; a trailing slash is left out."""
    if not _is_origin(text.rstrip("/")):
        raise ValueError("must be scheme and host alone, such as https://challenge.example")
    return text.rstrip("/")


def address(text: str) -> str:
    """A bare e-mail address that needs no quoting and no encoding."""
    local, _, domain = text.rpartition("@")
    if not _MAILBOX.fullmatch(local) or not _HOST.fullmatch(domain) or "." not in domain:
        raise ValueError("must be an e-mail address alone, such as challenge@example.org")
    return text


def line(text: str) -> str:
    """Text on one line."""
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def pattern(shape: str, words: str) -> Reader:
    """A reader of text that has this shape as a whole; `words` say what that is."""

    def read(text: str) -> str:
        if not re.fullmatch(shape, text):
            raise ValueError(f"must be {words}")
        return text

    return read


def key(least: int) -> Reader:
    """A reader of secret keys; a short one can be guessed."""

    def read(text: str) -> str:
        if len(text) < least or len(set(text)) < 5:
            raise ValueError(f"must be at least {least} random characters")
        return text

    return read


def token(least: int) -> Reader:
    """A reader of secrets that travel in a header."""

    def read(text: str) -> str:
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("must be letters, digits and signs of ASCII, without spaces")
        return str(key(least)(text))

    return read


def keys(least: int) -> Reader:
    """A reader of lists of secret keys."""
    return lambda text: [key(least)(one) for one in names(text)]


def redis_server(text: str) -> str:
    """A Redis or Valkey, to which database numbers are added."""
    parts = _redis(text)
    if parts.path.strip("/") or parts.query:
        raise ValueError("must end with host or port, without a database number")
    return text.rstrip("/")


def redis_database(text: str) -> str:
    """A Redis or Valkey, and which of its databases."""
    if not re.fullmatch(r"/?|/[0-9]{1,3}", _redis(text).path):
        raise ValueError("must end with a database number, such as redis://host:6379/1")
    return text


def _redis(text: str) -> SplitResult:
    if not is_url(text, ("redis", "rediss")) or not urlsplit(text).hostname:
        raise ValueError("must be a URL that starts with redis:// or rediss://")
    return urlsplit(text)


def is_url(text: str, schemes: Iterable[str]) -> bool:
    """Whether this is a whole URL with one of these schemes, a host or a path, and a sane port."""
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        has_place = parts.port != 0 and bool(parts.netloc or parts.path.strip("/"))
    except ValueError:
        return False
    return parts.scheme in schemes and "://" in text and has_place
