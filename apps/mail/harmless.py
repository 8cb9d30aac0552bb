"""A mail as staff may look at it: what it says and how it looks, without the keys it carries.

The links of a mail act for its reader, and some let whoever holds them in. So no link leads
anywhere here, and no token is to be read.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from apps.mail.message import Message

_HREF = re.compile(r"""(\shref\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
# What django.core.signing makes: value, time and signature, as they stand in a URL.
_TOKEN = re.compile(r"[\w-]{4,}(?::|%3A)[\w-]{4,}(?::|%3A)[\w-]{20,}", re.IGNORECASE)
_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Look:
    """What a mail looks like."""

    subject: str
    html: str
    text: str


def look_of(message: Message) -> Look:
    """The mail without working links and without tokens."""
    return Look(message.subject, without_links(message.html), _TOKEN.sub(_HIDDEN, message.text))


def without_links(html: str) -> str:
    """The same HTML with links that lead nowhere and without tokens."""
    rewriter = _Rewriter()
    rewriter.feed(html)
    rewriter.close()
    return _TOKEN.sub(_HIDDEN, "".join(rewriter.parts))


class _Rewriter(HTMLParser):
    """Gives back what it reads, letter for letter, but for the href of each start tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.parts.append(_HREF.sub(r'\1"#"', self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.parts.append(f"<![{data}]>")
