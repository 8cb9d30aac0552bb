"""Tokens to plain text for people: wrapped prose, untouched code, tables in columns."""

import textwrap
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

_SIGNS = {"em_open": "_", "em_close": "_", "strong_open": "*", "strong_close": "*"}
_NARROWEST = 24


def tokens_to_text(tokens: Sequence[Token], width: int) -> str:
    """The text of parsed Markdown; an empty line between blocks, no end of line at the end."""
    return "\n".join(_Blocks(tokens, width).lines()).strip("\n")


def inline_text(token: Token, *, marks: bool = True) -> str:
    """One inline token as text; without marks it is mere words, fit for a preview line."""
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for child in token.children or ():
        if child.type == "link_open":
            links.append((str(child.attrGet("href")), len(parts)))
        elif child.type == "link_close":
            href, start = links.pop()
            if marks:
                parts.append(_address_after(href, "".join(parts[start:])))
        else:
            parts.append(_inline_part(child, marks))
    return "".join(parts)


def _inline_part(child: Token, marks: bool) -> str:
    if child.type == "softbreak":
        return " "
    if child.type == "hardbreak":
        return "\n"
    if child.type == "code_inline":
        return f"`{child.content}`" if marks else child.content
    return _SIGNS.get(child.type, child.content) if marks else child.content


def _address_after(href: str, label: str) -> str:
    address = href.removeprefix("mailto:")
    return "" if label.strip() in (href, address) else f" ({address})"


class _Blocks:
    """Walks block tokens once, keeping the prefix of the lists and quotes that it is inside of."""

    def __init__(self, tokens: Sequence[Token], width: int) -> None:
        self._tokens = tokens
        self._width = width
        # One entry per open container: what its first line starts with, and what all others do.
        self._prefixes: list[list[str]] = []
        self._counters: list[int | None] = []
        self._tight = False
        self._underline = ""
        self._out: list[str] = []

    def lines(self) -> list[str]:
        """All lines, without ends."""
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.type == "table_open":
                index = self._table(index)
            else:
                getattr(self, f"_{token.type}", self._skip)(token)
            index += 1
        return self._out

    def _skip(self, token: Token) -> None:
        """Tokens without a trace of their own, such as the end of a paragraph."""

    def _paragraph_open(self, token: Token) -> None:
        # In a tight list the paragraphs are hidden, and no empty line parts the items.
        self._tight = token.hidden

    def _inline(self, token: Token) -> None:
        text = inline_text(token)
        if not text.strip():
            return
        lines = list(_wrapped(text, self._room()))
        if self._underline:
            lines.append(self._underline * max(map(len, lines)))
        self._put(lines)

    def _heading_open(self, token: Token) -> None:
        self._underline = "=" if token.tag == "h1" else "-"
        self._tight = False

    def _heading_close(self, token: Token) -> None:
        self._underline = ""

    def _fence(self, token: Token) -> None:
        language = next(iter(token.info.split()), "")
        code = token.content.removesuffix("\n").split("\n")
        ticks = "```" if "```" not in token.content else "~~~~"
        self._tight = False
        self._put([ticks + language, *code, ticks])

    def _code_block(self, token: Token) -> None:
        self._fence(token)

    def _hr(self, token: Token) -> None:
        self._put(["-" * min(20, self._room())])

    def _bullet_list_open(self, token: Token) -> None:
        self._open_list(None)

    def _ordered_list_open(self, token: Token) -> None:
        self._open_list(int(token.attrGet("start") or 1))

    def _open_list(self, start: int | None) -> None:
        if self._tight and self._out and not self._out[-1].strip():
            self._out.pop()
        self._counters.append(start)

    def _bullet_list_close(self, token: Token) -> None:
        self._counters.pop()
        self._tight = False
        self._gap()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        number = self._counters[-1]
        marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._counters[-1] = number + 1
        self._prefixes.append([marker, " " * len(marker)])

    def _list_item_close(self, token: Token) -> None:
        first, _ = self._prefixes.pop()
        if first.strip():
            # Nothing used the marker: an empty item.
            self._out.append(self._prefix() + first.rstrip())

    def _blockquote_open(self, token: Token) -> None:
        kind = token.meta.get("callout")
        bar = "| " if kind else "> "
        self._prefixes.append([bar, bar])
        self._tight = False
        if kind:
            self._out.append(f"{self._next_prefix()}{kind.title()}:")

    def _blockquote_close(self, token: Token) -> None:
        bar = self._prefix().rstrip()
        while self._out and self._out[-1].rstrip() == bar:
            self._out.pop()
        self._prefixes.pop()
        self._tight = False
        self._gap()

    def _table(self, start: int) -> int:
        end = next(
            i for i in range(start, len(self._tokens)) if self._tokens[i].type == "table_close"
        )
        rows: list[list[str]] = []
        for token in self._tokens[start:end]:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(" ".join(inline_text(token).split()))
        self._tight = False
        self._put(_columns(rows, self._room()) or _records(rows, self._room()))
        return end

    def _put(self, lines: list[str]) -> None:
        for line in lines:
            self._out.append((self._next_prefix() + line).rstrip())
        if not self._tight:
            self._gap()

    def _gap(self) -> None:
        if self._out and self._out[-1] != self._prefix().rstrip():
            self._out.append(self._prefix().rstrip())

    def _prefix(self) -> str:
        return "".join(rest for _, rest in self._prefixes)

    def _next_prefix(self) -> str:
        prefix = "".join(first for first, _ in self._prefixes)
        for entry in self._prefixes:
            entry[0] = entry[1]
        return prefix

    def _room(self) -> int:
        return max(self._width - len(self._prefix()), _NARROWEST)


def _wrapped(text: str, width: int) -> Iterator[str]:
    for part in text.split("\n"):
        yield from textwrap.wrap(part, width, break_long_words=False, break_on_hyphens=False) or [
            ""
        ]


def _columns(rows: list[list[str]], room: int) -> list[str]:
    """The table with its cells below each other, or nothing when it does not fit."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > room:
        return []
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _records(rows: list[list[str]], room: int) -> list[str]:
    """A table too wide for columns, as one paragraph of `heading: cell` lines per row."""
    head, *body = rows
    lines: list[str] = []
    for row in body or [[""] * len(head)]:
        for title, cell in zip(head, row, strict=True):
            lines += textwrap.wrap(
                f"{title}: {cell}",
                room,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        lines.append("")
    return lines[:-1]
