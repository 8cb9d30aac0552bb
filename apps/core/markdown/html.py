"""Tokens to HTML: a renderer for mail and one for pages, and the one sanitiser behind both."""

import enum
from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from apps.core.markdown.highlight import CLASSES, highlight

_WIDEST_INDENT = 16
# A phone shows about 40 columns of code; shorter lines need no help to wrap well.
_WRAPS_BEYOND = 36
WRAP_CLASSES = {f"w{indent}" for indent in range(0, _WIDEST_INDENT + 1, 2)}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ALIGNMENTS = {"text-align:left": "left", "text-align:center": "mid", "text-align:right": "right"}
LANGUAGE_NAMES = {
    "sql": "SQL",
    "json": "JSON",
    "http": "HTTP",
    "html": "HTML",
    "css": "CSS",
    "yaml": "YAML",
    "xml": "XML",
    "php": "PHP",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "postgresql": "PostgreSQL",
    "text": "Text",
    "c++": "C++",
}


class Profile(enum.Enum):
    """Where the HTML will stand. A mail wraps long code; a page scrolls it, by keyboard too."""

    MAIL = "mail"
    PAGE = "page"


def tokens_to_html(tokens: Sequence[Token], profile: Profile, top_heading: int) -> SafeString:
    """Sanitised HTML of parsed Markdown."""
    env = {"headings": _heading_map(tokens, top_heading)}
    html = _RENDERERS[profile].render(tokens, _OPTIONS, env)
    return SafeString(_sanitiser.clean(html))


def _heading_map(tokens: Sequence[Token], top: int) -> dict[str, str]:
    """The tags in use, moved so that they begin at `top` and skip no level."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    return {tag: _HEADINGS[min(top - 1 + step, 5)] for step, tag in enumerate(used)}


class _MailRenderer(RendererHTML):
    """What both profiles share; code wraps, tables take the room there is."""

    table_wrapper = ("", "")

    def fence(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        # Words after the language ("python run") are for the tests of the bank, not for readers.
        language = next(iter(tokens[idx].info.split()), "").lower()
        return self.listing(tokens[idx].content, language)

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return self.listing(tokens[idx].content, "")

    def listing(self, code: str, language: str) -> str:
        code = code.removesuffix("\n")
        lines = zip(code.split("\n"), highlight(code, language), strict=True)
        html = "".join(_wrapping(line, coloured) for line, coloured in lines)
        return f"<pre><code>{html}</code></pre>\n"

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"<{env['headings'][tokens[idx].tag]}>"

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"</{env['headings'][tokens[idx].tag]}>\n"

    def blockquote_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        kind = tokens[idx].meta.get("callout")
        if not kind:
            return "<blockquote>\n"
        return f'<div class="callout {kind}">\n<p class="callout-title">{kind.title()}</p>\n'

    def blockquote_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return "</div>\n" if tokens[idx].meta.get("callout") else "</blockquote>\n"

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"{self.table_wrapper[0]}<table>\n"

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"</table>{self.table_wrapper[1]}\n"

    def th_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return _cell(tokens[idx])

    td_open = th_open


class _PageRenderer(_MailRenderer):
    """Code and wide tables scroll on their own, so they can be reached and have a name."""

    table_wrapper = (
        '<div class="scroll" role="group" tabindex="0" aria-label="Table">',
        "</div>",
    )

    def listing(self, code: str, language: str) -> str:
        html = "\n".join(highlight(code.removesuffix("\n"), language))
        name = LANGUAGE_NAMES.get(language, language.capitalize())
        label = "Listing" if name in ("", "Text") else f"{name} listing"
        attributes = f'role="group" tabindex="0" aria-label="{escape(label)}"'
        return f"<pre {attributes}><code>{html}</code></pre>\n"


def _wrapping(line: str, coloured: str) -> str:
    """A long line goes on, where it must wrap, two columns right of where it began.

    The end of line inside keeps the listing in shape wherever the class means nothing.
    """
    if len(line) <= _WRAPS_BEYOND:
        return f"{coloured}\n"
    indent = len(line) - len(line.lstrip(" "))
    column = min(indent - indent % 2, _WIDEST_INDENT)
    return f'<span class="w{column}">{coloured}\n</span>'


def _cell(token: Token) -> str:
    side = _ALIGNMENTS.get(str(token.attrGet("style")))
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


_OPTIONS = OptionsDict(
    {
        "maxNesting": 20,
        "html": False,
        "linkify": False,
        "typographer": False,
        "quotes": "",
        "xhtmlOut": False,
        "breaks": False,
        "langPrefix": "",
        "highlight": None,
    }
)
_RENDERERS: dict[Profile, RendererHTML] = {
    Profile.MAIL: _MailRenderer(),
    Profile.PAGE: _PageRenderer(),
}
_REACHABLE = {"role", "tabindex", "aria-label"}
# No style attribute, no id, no image passes: looks come from classes, nothing is loaded.
_sanitiser = nh3.Cleaner(
    tags={
        *("a", "blockquote", "br", "code", "div", "em", "hr", "li", "ol", "p", "pre", "span"),
        *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        *_HEADINGS,
    },
    attributes={
        "a": {"href", "title"},
        "ol": {"start"},
        "pre": _REACHABLE,
        "div": _REACHABLE,
    },
    allowed_classes={
        "span": {*CLASSES, *WRAP_CLASSES},
        "div": {"callout", "note", "tip", "important", "warning", "caution", "scroll"},
        "p": {"callout-title"},
        "td": set(_ALIGNMENTS.values()),
        "th": set(_ALIGNMENTS.values()),
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener nofollow",
)
