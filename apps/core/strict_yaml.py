"""YAML as our own files use it, read strictly and with line numbers.

Text, whole numbers, true or false, lists and mappings; no anchors, aliases, tags, merges, repeated
keys or second documents.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import yaml

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_TEXT = "tag:yaml.org,2002:str"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_FLAGS = {"true": True, "false": False}
_DEPTH_AT_MOST = 16
_T = TypeVar("_T")


class YamlError(ValueError):
    """What is wrong and in which line, counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A plain scalar that YAML reads as what our files have no use for: a date, null, 1.5, no."""

    spelling: str


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its line; the methods say what it must be, or raise YamlError."""

    value: "str | int | bool | Unquoted | list[Node] | dict[str, Node]"
    line: int

    def text(self) -> str:
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, list | dict):
            self.refuse("must be text")
        spelling = self.value.spelling if isinstance(self.value, Unquoted) else self.value
        self.refuse(f"must be text: put {str(spelling) or 'it'} in quotes")

    def number(self) -> int:
        # True is an int to Python.
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        self.refuse("must be a whole number")

    def flag(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        self.refuse("must be true or false")

    def items(self, read: "Callable[[Node], _T]") -> list[_T]:
        """Each item of a list, read by `read`."""
        if isinstance(self.value, list):
            return [read(item) for item in self.value]
        self.refuse("must be a list")

    def mapping(self, *, required: tuple[str, ...], optional: tuple[str, ...]) -> "dict[str, Node]":
        """The values of a mapping that has all required keys and none but these."""
        if not isinstance(self.value, dict):
            self.refuse("must be a mapping of keys to values")
        for key, node in self.value.items():
            if key not in required and key not in optional:
                node.refuse(f"unknown key “{key}”")
        for key in required:
            if key not in self.value:
                self.refuse(f"the key “{key}” is missing")
        return self.value

    def refuse(self, reason: str) -> NoReturn:
        raise YamlError(self.line, reason)


def load(text: str) -> Node:
    """The one document in a text. YamlError for whatever is not plain data, or not well-formed."""
    parser = _Parser(text)
    try:
        events = iter(parser.get_event, None)
        next(events)  # the start of the stream
        if isinstance(next(events), yaml.StreamEndEvent):
            raise YamlError(1, "the file is empty")
        root = _node(next(events), events, depth=0)
        next(events)  # the end of the document
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            raise YamlError(_line(extra), "a second document begins here")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, error.problem or str(error)) from error
    except yaml.YAMLError as error:
        raise YamlError(_line_of_unprintable(text), str(error).splitlines()[0]) from error
    finally:
        parser.dispose()
    return root


def line_of_text(text: str) -> str:
    """One line of text as a scalar, quoted only if YAML demands it."""
    dumped: str = yaml.safe_dump([text], allow_unicode=True, width=10**6)
    return dumped[2:].removesuffix("\n")


def line_of_list(texts: list[str]) -> str:
    """Texts as a list in one line: [a, b]."""
    dumped: str = yaml.safe_dump(texts, allow_unicode=True, width=10**6, default_flow_style=True)
    return dumped.removesuffix("\n")


def literal(text: str, indent: str) -> str:
    """Lines of text as a literal block, whose lines start with `indent`; ends with a line feed.

    The text neither ends with a line feed nor starts with one.
    """
    if not _fits_a_literal(text):
        dumped: str = yaml.safe_dump(text + "\n", default_style='"', width=10**6)
        return dumped
    # A first line that starts with a space would be taken for the measure of the indentation.
    measure = str(len(indent)) if text.startswith(" ") else ""
    lines = (f"{indent}{line}" if line else "" for line in text.split("\n"))
    return f"|{measure}\n" + "\n".join(lines) + "\n"


def _fits_a_literal(text: str) -> bool:
    # A tab cannot start a block, for it would be taken for indentation. YAML 1.1 breaks lines at
    # these as well, and has no place for what it calls unprintable.
    return not re.search("^\t|[\x85\u2028\u2029\ufeff\ufffe\uffff]", text) and not (
        yaml.reader.Reader.NON_PRINTABLE.search(text)
    )


def _node(event: Any, events: Iterator[Any], *, depth: int) -> Node:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise YamlError(line, "anchors and aliases are not allowed")
    if event.tag is not None:
        raise YamlError(line, "tags such as !!str are not allowed")
    if depth > _DEPTH_AT_MOST:
        raise YamlError(line, f"nested more than {_DEPTH_AT_MOST} deep")
    if isinstance(event, yaml.ScalarEvent):
        return Node(_scalar(event), line)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(_sequence(events, depth=depth), line)
    return Node(_mapping(events, depth=depth), line)


def _scalar(event: Any) -> str | int | bool | Unquoted:
    spelling: str = event.value
    if event.style:  # quoted, or a block: text whatever it looks like
        return spelling
    if _RESOLVER.resolve(yaml.ScalarNode, spelling, (True, False)) == _TEXT:
        return spelling
    if _NUMBER.fullmatch(spelling):
        return int(spelling)
    return _FLAGS.get(spelling, Unquoted(spelling))


def _sequence(events: Iterator[Any], *, depth: int) -> list[Node]:
    items = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(event, events, depth=depth + 1))
    return items


def _mapping(events: Iterator[Any], *, depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, depth=depth + 1)
        name = key.text()
        if name in found:
            key.refuse(f"the key “{name}” comes twice")
        value = _node(next(events), events, depth=depth + 1)
        # Complaints about a value point at its key; a list or mapping starts a line later.
        found[name] = Node(value.value, key.line)
    return found


def _line_of_unprintable(text: str) -> int:
    """Where the character stands that keeps YAML from being read at all; it names none itself."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1
