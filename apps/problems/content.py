"""What a problem may say: the rules of its fields, without a database."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict, cast

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from apps.core.errors import InvalidInputError
from apps.core.markdown import check_markdown
from apps.core.plain_text import many_lines, one_line
from apps.core.slugs import SlugRules

TITLE_LENGTH = 70
HINTS_AT_MOST = 10
MINUTES_AT_MOST = 480
TAGS_AT_MOST = 10
DIFFICULTIES = ("easy", "medium", "hard")
# Bytes of UTF-8 in statement, hints and solution together, two more for each line, by which a file
# indents them: such a problem fits a file of 64 KiB.
TEXT_AT_MOST = 56 * 1024
# Words that mean something else where a slug stands, and pages of the site.
PROBLEM_SLUGS = SlugRules(
    "problem", 100, frozenset({"new", "feed", "null", "today", "archive", "random", "search"})
)
_web_address = URLValidator(schemes=["http", "https"])


class Content(TypedDict, total=False):
    """The fields that readers see, apart from the tags; a change of any raises the version."""

    title: str
    statement: str
    hints: list[str]
    solution: str
    difficulty: str
    estimated_minutes: int | None
    source_title: str
    source_url: str
    source_author: str
    license: str


CONTENT_FIELDS = tuple(Content.__annotations__)


def clean(values: Mapping[str, Any]) -> Content:
    """The given fields as they will be kept. InvalidInputError names the first that cannot be."""
    cleaned = {field: _CLEANERS[field](value) for field, value in values.items()}
    texts = [cleaned.get("statement", ""), cleaned.get("solution", ""), *cleaned.get("hints", ())]
    if sum(len(text.encode()) + 2 * text.count("\n") for text in texts) > TEXT_AT_MOST:
        raise InvalidInputError(
            f"Statement, hints and solution together may have {TEXT_AT_MOST // 1024} KiB.",
            code="max_length",
            field="statement",
        )
    _refuse_what_cannot_be_shown(cleaned)
    return cast(Content, cleaned)


def _refuse_what_cannot_be_shown(cleaned: Mapping[str, Any]) -> None:
    """No mail or page could be made of Markdown beyond the limits."""
    for field in ("statement", "solution", "hints"):
        value = cleaned.get(field, ())
        for text in [value] if isinstance(value, str) else value:
            try:
                check_markdown(text)
            except InvalidInputError as error:
                raise InvalidInputError(error.detail, code=error.code, field=field) from error


def _line(field: str, limit: int, *, required: bool = False) -> Callable[[str], str]:
    def clean_line(text: str) -> str:
        line = one_line(text, field=field, limit=limit)
        if required and not line:
            raise InvalidInputError(f"The {field} is missing.", code="blank", field=field)
        return line

    return clean_line


def _statement(text: str) -> str:
    cleaned = many_lines(text, field="statement")
    if not cleaned:
        raise InvalidInputError("The statement is missing.", code="blank", field="statement")
    return cleaned


def _hints(texts: Iterable[str]) -> list[str]:
    hints = [many_lines(text, field="hints") for text in texts]
    if not all(hints):
        raise InvalidInputError("A hint must not be empty.", code="blank", field="hints")
    if len(hints) > HINTS_AT_MOST:
        raise InvalidInputError(
            f"A problem has at most {HINTS_AT_MOST} hints.", code="max_length", field="hints"
        )
    return hints


def _difficulty(value: str) -> str:
    if value not in ("", *DIFFICULTIES):
        raise InvalidInputError(
            f"The difficulty must be one of {', '.join(DIFFICULTIES)}.",
            code="invalid_choice",
            field="difficulty",
        )
    return value


def _minutes(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= MINUTES_AT_MOST:
        raise InvalidInputError(
            f"The minutes must lie between 1 and {MINUTES_AT_MOST}.", field="estimated_minutes"
        )
    return value


def _address(text: str) -> str:
    address = one_line(text, field="source_url", limit=500)
    if address:
        try:
            _web_address(address)
        except ValidationError as error:
            raise InvalidInputError(
                "The source's address must be a web address.", field="source_url"
            ) from error
    return address


_CLEANERS: dict[str, Callable[[Any], Any]] = {
    "title": _line("title", TITLE_LENGTH, required=True),
    "statement": _statement,
    "hints": _hints,
    "solution": lambda text: many_lines(text, field="solution"),
    "difficulty": _difficulty,
    "estimated_minutes": _minutes,
    "source_title": _line("source_title", 200),
    "source_url": _address,
    "source_author": _line("source_author", 120),
    "license": _line("license", 40),
}
