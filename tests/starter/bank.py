"""The starter bank as the tests read it: its files, their code blocks and their prose."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from apps.problems.problem_file import ProblemFile, parse
from apps.tags import tag_file
from apps.tags.tag_file import TagEntry

BANK = Path(__file__).resolve().parents[2] / "starter"
SLUGS = sorted(path.stem for path in (BANK / "problems").glob("*.md"))
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the words after the fence, and its code."""

    words: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class BankTag:
    """A tag as tags.yaml has it; `path` are the names from its root down to its own."""

    path: tuple[str, ...]
    entry: TagEntry


def data(slug: str) -> bytes:
    return (BANK / "problems" / f"{slug}.md").read_bytes()


@cache
def problem(slug: str) -> ProblemFile:
    return parse(data(slug))


def texts(slug: str) -> dict[str, str]:
    """Everything a reader gets to see, by the place where it stands."""
    content = problem(slug).content
    hints = {f"hint {number}": hint for number, hint in enumerate(content["hints"], start=1)}
    return {"statement": content["statement"], **hints, "solution": content["solution"]}


def fences(text: str) -> list[Fence]:
    return [
        Fence(tuple(token.info.split()), token.content)
        for token in _tokens(text)
        if token.type == "fence"
    ]


def blocks(slug: str, language: str) -> list[str]:
    """What a solution marks as runnable in a language."""
    fenced = fences(problem(slug).content["solution"])
    return [fence.code for fence in fenced if fence.words == (language, "run")]


def prose(text: str) -> str:
    """The words outside code, one paragraph or table cell a line."""
    inlines = (token.children or [] for token in _tokens(text) if token.type == "inline")
    return "\n".join("".join(_words(children)) for children in inlines)


def constructs(text: str) -> set[str]:
    """The kinds of Markdown that a text uses."""
    return {token.type for token in _tokens(text)}


@cache
def tags() -> list[BankTag]:
    return list(_walk(tag_file.parse((BANK / "tags.yaml").read_bytes()), ()))


def _walk(entries: Iterable[TagEntry], above: tuple[str, ...]) -> Iterator[BankTag]:
    for entry in entries:
        tag = BankTag((*above, entry.name), entry)
        yield tag
        yield from _walk(entry.children, tag.path)


def _tokens(text: str) -> Iterator[Token]:
    for token in _MARKDOWN.parse(text):
        yield token
        yield from token.children or []


def _words(children: list[Token]) -> Iterator[str]:
    for token in children:
        if token.type == "text":
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "code_inline":
            yield " … "
