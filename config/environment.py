"""Environment variables: declared once, read from NAME or the file that NAME_FILE names, and all
checked before anything starts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Reader = Callable[[str], Any]

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One setting of the environment.

    `default` may name earlier variables as $NAME; `demo` stands in for it under DEMO. A required
    one without a value refuses to start. `read` turns the text into the value, or raises a
    ValueError that says how the text must be. `example` and `default_words` are for the documents.
    """

    name: str
    meaning: str
    read: Reader = str
    default: str = ""
    demo: str = ""
    default_words: str = ""
    example: str = ""
    is_required: bool = False
    is_secret: bool = False


class _UnknownDefaultError(Exception):
    pass


class Environment:
    """The values of declared variables; raises ImproperlyConfigured with a sentence for each one
    that is missing or wrong, never showing a secret.
    """

    def __init__(self, variables: Iterable[Variable], source: Mapping[str, str]) -> None:
        self._source = source
        self._texts: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for variable in variables:
            try:
                self._read(variable)
            except ValueError as error:
                wrong[variable.name] = f"{variable.name} {error}."
            except _UnknownDefaultError:
                # What its default rests on has been complained about already.
                continue
        if wrong:
            raise ImproperlyConfigured("\n".join(wrong.values()))

    def __call__(self, name: str) -> Any:
        return self._values[name]

    def _read(self, variable: Variable) -> None:
        text = self._text(variable.name) or self._default(variable)
        self._texts[variable.name] = text
        if variable.is_required and not text:
            raise ValueError(f"is not set. Set it, or {variable.name}_FILE, in the environment")
        try:
            self._values[variable.name] = variable.read(text)
        except ValueError as error:
            shown = "" if variable.is_secret else f", not {text!r}"
            raise ValueError(f"{error}{shown}") from None

    def _text(self, name: str) -> str:
        """What was set, without the white space around it; what is set to nothing is not set."""
        path = self._source.get(f"{name}_FILE", "").strip()
        if not path:
            return self._source.get(name, "").strip()
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise ValueError(f"cannot be read from {path}: {reason}") from None

    def _default(self, variable: Variable) -> str:
        is_demo = self._values.get("DEMO", False)
        default = Template(variable.demo if is_demo and variable.demo else variable.default)
        if not set(default.get_identifiers()) <= self._values.keys():
            raise _UnknownDefaultError
        return default.safe_substitute(self._texts)


def flag(text: str) -> bool:
    """Yes or no."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
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


def url(*schemes: str) -> Reader:
    """A reader of URLs with one of these schemes; a trailing slash is left out."""
    starts = " or ".join(f"{scheme}://" for scheme in schemes)

    def read(text: str) -> str:
        if not is_url(text, schemes):
            raise ValueError(f"must be a URL that starts with {starts}")
        return text.rstrip("/")

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


def hosts(text: str) -> list[str]:
    """A list of host names, without scheme and port."""
    found = names(text)
    if any(set(host) & set("/: *@") for host in found):
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
    return is_url(text, ("https", "http")) and not set(place) & set("/?#@,")


def site(text: str) -> str:
    """The one origin of the site; a trailing slash is left out."""
    if not _is_origin(text.rstrip("/")):
        raise ValueError("must be scheme and host alone, such as https://challenge.example")
    return text.rstrip("/")


def address(text: str) -> str:
    """A bare e-mail address."""
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or set(text) & set(" <>,;\"'\r\n\t"):
        raise ValueError("must be an e-mail address alone, such as challenge@example.org")
    return text


def key(least: int) -> Reader:
    """A reader of secret keys; a short one can be guessed."""

    def read(text: str) -> str:
        if len(text) < least or len(set(text)) < 5:
            raise ValueError(f"must be at least {least} random characters")
        return text

    return read


def keys(least: int) -> Reader:
    """A reader of lists of secret keys."""
    return lambda text: [key(least)(one) for one in names(text)]


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
