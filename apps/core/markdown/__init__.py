"""Markdown: one parser and one sanitiser for mail, pages, API and admin preview, and plain text.

CommonMark with tables, fenced code, GitHub's callouts; no raw HTML, no images. Whatever comes out
of `html` has passed the sanitiser and may be put into a page or a mail as it stands.
"""

from django.utils.safestring import SafeString

from apps.core.markdown.document import Document, check_markdown
from apps.core.markdown.html import Profile
from apps.core.markdown.limits import MAX_BYTES

__all__ = [
    "MAX_BYTES",
    "Document",
    "Profile",
    "check_markdown",
    "first_paragraph",
    "first_words",
    "render_html",
    "to_text",
]


def render_html(
    source: str, *, profile: Profile = Profile.PAGE, top_heading: int = 2
) -> SafeString:
    """Sanitised HTML; its highest heading becomes `top_heading`, the next ones follow.

    Raises InvalidInputError (markdown_too_long, markdown_too_complex, markdown_too_deep).
    """
    return Document(source).html(profile, top_heading=top_heading)


def to_text(source: str, *, width: int = 72) -> str:
    """Plain text for people: prose wrapped at `width`, code untouched, links as text (url).

    Raises as render_html.
    """
    return Document(source).text(width=width)


def first_words(source: str, *, limit: int = 120) -> str:
    """The opening prose on one line, at most `limit` characters, cut between words."""
    return Document(source).words(limit=limit)


def first_paragraph(source: str) -> Document:
    """The first paragraph, or the first block of a text without one, as a document."""
    return Document(source).first_paragraph()
