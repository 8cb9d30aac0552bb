"""How much Markdown is accepted: rendering the worst text that passes takes well under a second."""

import re
from collections.abc import Iterable
from itertools import accumulate, pairwise

from markdown_it.token import Token

from apps.core.errors import InvalidInputError

MAX_BYTES = 64 * 1024
MAX_LINES = 5_000
# Characters that make the inline parser look ahead or back; 64 KiB of source code has half of this.
MAX_MARKS = 12_000
# Rows that lack cells are filled up, so a short text can unfold into a very large table.
MAX_TABLE_CELLS = 5_000
# markdown-it leaves out, silently, what is nested deeper than 20.
MAX_DEPTH = 18
_MARKS = re.compile(r"[\[\]!|*_`<>&\\]")
# A line that opens a quote or list spends a column of itself on each level that it reaches; a table
# adds three levels.
_DEEP_LINE = re.compile(rf"^(?=[ \d]*[>*+\-.)])[ >*+\-\d.)]{{{MAX_DEPTH - 4},}}", re.MULTILINE)
# What may open emphasis: stars before a word, underscores before one and not within it.
_OPENERS = re.compile(r"\*+(?=[^\s*])|(?<!\w)_+(?=[^\s_])")
_DELIMITER_ROW = re.compile(r"[\s>*+\-\d.)|:]*-[\s>*+\-\d.)|:]*")


def check_source(source: str) -> None:
    """Refuse a text that is too long or too intricate to render; InvalidInputError says which."""
    if len(source.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidInputError(
            f"The text is longer than {MAX_BYTES // 1024} KiB.", code="markdown_too_long"
        )
    lines = source.splitlines()
    if (
        len(lines) > MAX_LINES
        or len(_MARKS.findall(source)) > MAX_MARKS
        or _table_cells(lines) > MAX_TABLE_CELLS
    ):
        raise InvalidInputError(
            f"The text has more than {MAX_LINES} lines, {MAX_MARKS} Markdown signs"
            f" or {MAX_TABLE_CELLS} table cells.",
            code="markdown_too_complex",
        )


def may_be_too_deep(source: str) -> bool:
    """Whether it is worth parsing a text for `check_depth`: never False for one that it refuses.

    A guess from the lines, many times cheaper than parsing.
    """
    return bool(_DEEP_LINE.search(source.expandtabs(4))) or any(
        sum(map(len, _OPENERS.findall(block))) > MAX_DEPTH for block in source.split("\n\n")
    )


def check_depth(tokens: Iterable[Token]) -> None:
    """Refuse quotes, lists or emphasis nested deeper than anybody can follow."""
    for token in tokens:
        opened = accumulate((child.nesting for child in token.children or ()), initial=0)
        if max(opened) > MAX_DEPTH or (token.nesting == 1 and token.level > MAX_DEPTH):
            raise InvalidInputError(
                f"Quotes, lists or emphasis are nested more than {MAX_DEPTH} deep.",
                code="markdown_too_deep",
            )


def _table_cells(lines: list[str]) -> int:
    """At least as many cells as all tables can have.

    Columns of each delimiter row × lines up to the next blank one, where any table has ended.
    """
    blank = [number for number, line in enumerate(lines) if not line.strip()]
    edges = [-1, *blank, len(lines)]
    cells = 0
    for start, end in pairwise(edges):
        for number in range(start + 1, end):
            if "|" in lines[number] and _DELIMITER_ROW.fullmatch(lines[number]):
                cells += (lines[number].count("|") + 1) * (end - number)
    return cells
