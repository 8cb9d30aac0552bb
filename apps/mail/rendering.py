"""Turns templates/emails/<name>/ into a subject, a text part and an HTML part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template import Context, Engine

from apps.core.palette import as_context
from apps.mail import purposes
from apps.mail.message import Message, message_id_for, safe_header
from apps.mail.models import OutboundMail

SUBJECT_LIMIT = 70
# Gmail cuts a mail at about 102 KB, the link to unsubscribe and all.
HTML_LIMIT = 90_000
# Keeps holiday notices and other robots from answering (RFC 3834).
COMMON_HEADERS = {"Auto-Submitted": "auto-generated"}

_inliner = css_inline.CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the three templates of a mail gave."""

    subject: str
    text: str
    html: str


def render(name: str, context: Mapping[str, Any]) -> Rendered:
    """Render templates/emails/<name>/ and write the colours of the layout into the HTML's elements.

    Whatever is in the context is text, never a template.
    """
    everything = {**context, **as_context(), **_site()}
    subject = subject_line(_render(f"emails/{name}/subject.txt", everything, escape=False))
    everything["subject"] = subject
    text = _render(f"emails/{name}/body.txt", everything, escape=False)
    html = _render(f"emails/{name}/body.html", everything, escape=True)
    return Rendered(subject, text.strip("\n") + "\n", _inliner.inline(html.strip()) + "\n")


def subject_line(text: str) -> str:
    """One line of at most 70 characters, cut between words."""
    line = " ".join(safe_header(text).split())
    if len(line) <= SUBJECT_LIMIT:
        return line
    head, _, _ = line[:SUBJECT_LIMIT].rpartition(" ")
    return (head or line[: SUBJECT_LIMIT - 1]).rstrip(" ,;:–—-") + "…"


def compose(rows: Sequence[OutboundMail]) -> dict[int, Message]:
    """The mails of these rows; a row that has nothing to say any more is left out.

    LookupError for a purpose that no app has registered.
    """
    prefetch_related_objects(rows, "user")
    contexts = {row.pk: purposes.context_of(row) for row in rows}
    return {
        row.pk: _message(row, context) for row in rows if (context := contexts[row.pk]) is not None
    }


def _message(row: OutboundMail, context: Mapping[str, Any]) -> Message:
    rendered = render(row.purpose, context)
    return Message(
        recipient=row.recipient,
        message_id=row.message_id or message_id_for("account", row.pk),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=COMMON_HEADERS,
    )


def _site() -> dict[str, str]:
    return {
        "site_url": settings.SITE_URL,
        "privacy_url": f"{settings.SITE_URL}/privacy/",
        "postal_address": settings.POSTAL_ADDRESS,
    }


def _render(template: str, context: Mapping[str, Any], *, escape: bool) -> str:
    return Engine.get_default().get_template(template).render(Context(context, autoescape=escape))
