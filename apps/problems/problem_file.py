"""The format in which a problem travels as a file: front matter in YAML, then the statement. Pure.

`render(parse(text))` gives back every file that `render` wrote, byte for byte.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from apps.core.errors import InvalidInputError
from apps.core.strict_yaml import Node, YamlError, line_of_text, literal, load
from apps.problems.content import TAGS_AT_MOST, Content, clean
from apps.tags.names import clean_name

FORMAT = 1
FILE_SIZE_AT_MOST = 64 * 1024
CODE_WIDTH = 72
_REQUIRED = ("format", "uuid", "version", "title", "tags")
_OPTIONAL = ("difficulty", "minutes", "licence", "source", "hints", "solution")
_SOURCE_KEYS = ("title", "url", "author")
# Which key of the file a complaint about a field belongs to, where the two differ.
_KEY_OF = {
    "estimated_minutes": "minutes",
    "license": "licence",
    "source_title": "source",
    "source_url": "source",
    "source_author": "source",
}
_FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n(.*)\Z", re.DOTALL)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


class FileError(ValueError):
    """Why a file cannot be taken, and in which line, counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ProblemFile:
    """One problem as its file says it; `tags` are names as they were written."""

    uuid: UUID
    version: int
    tags: tuple[str, ...]
    content: Content
    warnings: tuple[str, ...] = field(default=(), compare=False)
    # In which line each key stands; empty for what did not come from a file.
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


def parse(data: bytes) -> ProblemFile:
    """Read a file. FileError names the line and the reason."""
    text = _decoded(data)
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise FileError(1, "a file starts with a line ---, its front matter and another line ---")
    try:
        # One line further down, so that line numbers are those of the file.
        values = load("\n" + match[1]).mapping(required=_REQUIRED, optional=_OPTIONAL)
        body = match[2].removeprefix("\n")
        return _problem(values, body, first_line=match[1].count("\n") + 4)
    except YamlError as error:
        raise FileError(error.line, error.reason) from error


def render(problem: ProblemFile) -> bytes:
    """The one way to write it: keys in the order of the format, empty ones left out."""
    content = problem.content
    front = [
        f"format: {FORMAT}",
        f"uuid: {problem.uuid}",
        f"version: {problem.version}",
        f"title: {line_of_text(content['title'])}",
    ]
    front += [f"difficulty: {content['difficulty']}"] if content["difficulty"] else []
    if content["estimated_minutes"] is not None:
        front.append(f"minutes: {content['estimated_minutes']}")
    front += _list("tags", [line_of_text(name) for name in problem.tags])
    front += [f"licence: {line_of_text(content['license'])}"] if content["license"] else []
    front += _source(content)
    if content["hints"]:
        front += _list(
            "hints", [literal(hint, "  ").removesuffix("\n") for hint in content["hints"]]
        )
    if content["solution"]:
        front.append("solution: " + literal(content["solution"], "  ").removesuffix("\n"))
    return "\n".join(["---", *front, "---", "", content["statement"], ""]).encode()


def wide_code(text: str) -> list[int]:
    """The lines of fenced code, counted from 1, that are wider than a mail on a phone can show."""
    fence, wide = "", []
    for number, line in enumerate(text.split("\n"), start=1):
        mark = _FENCE.match(line)
        if not fence:
            fence = mark[1] if mark else ""
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        elif len(line) > CODE_WIDTH:
            wide.append(number)
    return wide


def _decoded(data: bytes) -> str:
    if len(data) > FILE_SIZE_AT_MOST:
        raise FileError(1, f"the file is larger than {FILE_SIZE_AT_MOST // 1024} KiB")
    if data.startswith(BOM_UTF8):
        raise FileError(1, "save it as UTF-8 without a byte order mark")
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileError(data.count(b"\n", 0, error.start) + 1, "this is not UTF-8") from error


def _problem(values: dict[str, Node], body: str, *, first_line: int) -> ProblemFile:
    _check_format(values["format"])
    tags = values["tags"].items(_tag_name)
    if len(tags) > TAGS_AT_MOST:
        values["tags"].refuse(f"more than {TAGS_AT_MOST} tags")
    return ProblemFile(
        uuid=_uuid(values["uuid"]),
        version=_version(values["version"]),
        tags=tuple(tags),
        content=(content := _content(values, body, first_line=first_line)),
        warnings=tuple(_warnings(content)),
        lines={key: node.line for key, node in values.items()},
    )


def _content(values: dict[str, Node], body: str, *, first_line: int) -> Content:
    raw = {
        "title": values["title"].text(),
        "statement": body,
        "difficulty": _optional_text(values, "difficulty"),
        "estimated_minutes": values["minutes"].number() if "minutes" in values else None,
        "license": _optional_text(values, "licence"),
        "hints": values["hints"].items(Node.text) if "hints" in values else [],
        "solution": _optional_text(values, "solution"),
        "source_title": "",
        "source_url": "",
        "source_author": "",
    }
    if "source" in values:
        source = values["source"].mapping(required=(), optional=_SOURCE_KEYS)
        raw |= {f"source_{key}": node.text() for key, node in source.items()}
    try:
        return clean(raw)
    except InvalidInputError as error:
        key = _KEY_OF.get(error.field or "", error.field or "")
        raise FileError(values[key].line if key in values else first_line, error.detail) from error


def _optional_text(values: dict[str, Node], key: str) -> str:
    return values[key].text() if key in values else ""


def _check_format(node: Node) -> None:
    if node.number() != FORMAT:
        node.refuse(f"format {node.value} is unknown; this program reads format {FORMAT}")


def _tag_name(node: Node) -> str:
    try:
        return clean_name(node.text(), field="tags").name
    except InvalidInputError as error:
        raise FileError(node.line, error.detail) from error


def _uuid(node: Node) -> UUID:
    spelling = node.text()
    try:
        value = UUID(spelling)
    except ValueError:
        node.refuse("this is no UUID")
    if str(value) != spelling:
        node.refuse(f"write the UUID as {value}")
    return value


def _version(node: Node) -> int:
    version = node.number()
    if version < 1:
        node.refuse("versions count from 1")
    return version


def _warnings(content: Content) -> list[str]:
    places = [("statement", content["statement"]), ("solution", content["solution"])]
    places += [(f"hint {number}", hint) for number, hint in enumerate(content["hints"], start=1)]
    return [
        f"{place}, line {line}: code wider than {CODE_WIDTH} characters"
        for place, text in places
        for line in wide_code(text)
    ]


def _list(key: str, items: list[str]) -> list[str]:
    return [f"{key}:", *(f"- {item}" for item in items)] if items else [f"{key}: []"]


def _source(content: Content) -> list[str]:
    given = [
        f"  {key}: {line_of_text(value)}"
        for key, value in (
            ("title", content["source_title"]),
            ("url", content["source_url"]),
            ("author", content["source_author"]),
        )
        if value
    ]
    return ["source:", *given] if given else []
