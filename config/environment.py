"""Environment variables: declared once, read from NAME or the file that NAME_FILE names, and all
checked before anything starts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.readers import NO, Reader


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
        if variable.is_required and not text:
            raise ValueError(f"is not set. Set it, or {variable.name}_FILE, in the environment")
        try:
            value = variable.read(text)
        except ValueError as error:
            shown = "" if variable.is_secret else f", not {text!r}"
            raise ValueError(f"{error}{shown}") from None
        self._values[variable.name] = value
        # As it was read, so that $SITE_URL has no slash at its end.
        self._texts[variable.name] = value if isinstance(value, str) else text

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


def asks_for_dot_env(source: Mapping[str, str]) -> bool:
    """Whether `.env` is to be read as well; READ_DOT_ENV cannot stand in that file itself."""
    return source.get("READ_DOT_ENV", "").strip().lower() not in NO
