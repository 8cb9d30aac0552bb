"""A parsed text: parse once, then show as HTML or as plain text, whole or in part."""

import re
from collections.abc import Iterator, Sequence

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from apps.core.markdown.html import Profile, tokens_to_html
from apps.core.markdown.limits import check_depth, check_source, may_be_too_deep
from apps.core.markdown.plain import inline_text, tokens_to_text

_CALLOUT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)", re.IGNORECASE)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_WEB_ADDRESS = re.compile(r"https?://[^/\s]|mailto:[^/\s]", re.IGNORECASE)


class Document:
    """Markdown, parsed and within the limits. Raises InvalidInputError for text beyond them."""

    def __init__(self, source: str) -> None:
        check_source(source)
        self._tokens: Sequence[Token] = _parser.parse(_SURROGATES.sub("\ufffd", source))
        check_depth(self._tokens)

    def html(self, profile: Profile, *, top_heading: int = 2) -> SafeString:
        """Sanitised HTML in the looks of a mail or a page."""
        return tokens_to_html(self._tokens, profile, top_heading)

    def text(self, *, width: int = 72) -> str:
        """Plain text, prose wrapped at `width`."""
        return tokens_to_text(self._tokens, width)

    def words(self, *, limit: int) -> str:
        """The opening prose on one line, at most `limit` characters, cut between words."""
        prose = " ".join(
            inline_text(token, marks=False) for token in self._tokens if token.type == "inline"
        )
        prose = " ".join(prose.split())
        if len(prose) <= limit:
            return prose
        head, _, _ = prose[:limit].rpartition(" ")
        return (head or prose[: limit - 1]).rstrip(" ,;:–—-") + "…"

    def first_paragraph(self) -> "Document":
        """The first paragraph, or the first block of a text without one."""
        blocks = list(self._blocks())
        paragraphs = [block for block in blocks if block[0].type == "paragraph_open"]
        return self._part((paragraphs or blocks or [[]])[0])

    def block_count(self) -> int:
        """How many blocks (paragraphs, lists, listings …) stand side by side."""
        return sum(1 for _ in self._blocks())

    def head(self, count: int) -> "Document":
        """The first `count` blocks."""
        blocks = list(self._blocks())[:count]
        return self._part([token for block in blocks for token in block])

    def _blocks(self) -> Iterator[list[Token]]:
        block: list[Token] = []
        for token in self._tokens:
            block.append(token)
            if token.level == 0 and token.nesting <= 0:
                yield block
                block = []

    def _part(self, tokens: Sequence[Token]) -> "Document":
        part = Document.__new__(Document)
        part._tokens = tokens
        return part


def check_markdown(source: str) -> None:
    """Raise InvalidInputError for what `Document` would refuse, without parsing ordinary text."""
    check_source(source)
    if may_be_too_deep(source):
        Document(source)


def _replace_images(state: StateCore) -> None:
    """An image becomes its alternative text: nothing is ever loaded from elsewhere."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "image":
                child.content = "".join(part.content for part in child.children or ())
                child.type, child.tag, child.children, child.attrs = "text", "", None, {}


def _drop_other_links(state: StateCore) -> None:
    """Only http, https and mailto, spelled out: of any other link the words stay."""
    for token in state.tokens:
        kept: list[Token] = []
        links: list[bool] = []
        for child in token.children or ():
            if child.type == "link_open":
                links.append(bool(_WEB_ADDRESS.match(str(child.attrGet("href")))))
            is_web = links.pop() if child.type == "link_close" else (not links or links[-1])
            if is_web or child.type not in ("link_open", "link_close"):
                kept.append(child)
        if token.children:
            token.children = kept


def _mark_callouts(state: StateCore) -> None:
    """A quote that begins with a line such as [!NOTE] is a callout, as on GitHub."""
    for start, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            inline = state.tokens[start + 2] if start + 2 < len(state.tokens) else None
            marker = _CALLOUT.match(inline.content) if inline and inline.type == "inline" else None
            if inline and marker:
                _drop_first_line(inline)
                token.meta["callout"] = marker[1].lower()
                _closing(state.tokens, start).meta["callout"] = marker[1].lower()


def _drop_first_line(inline: Token) -> None:
    children = inline.children or []
    breaks = [index for index, child in enumerate(children) if child.type.endswith("break")]
    inline.children = children[breaks[0] + 1 :] if breaks else []


def _closing(tokens: Sequence[Token], start: int) -> Token:
    level = tokens[start].level
    return next(t for t in tokens[start + 1 :] if t.type == "blockquote_close" and t.level == level)


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    # Links are judged after parsing, so that an image or link with a bad address leaves its words.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # -- the documented seam
    parser.core.ruler.push("images", _replace_images)
    parser.core.ruler.push("links", _drop_other_links)
    parser.core.ruler.push("callouts", _mark_callouts)
    return parser


_parser = _make_parser()
