"""What everybody's mail of one problem has in common, composed once and kept while it is in use."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.core.markdown import Document, Profile
from apps.mail.rendering import COMMON_HEADERS, HTML_LIMIT, Rendered, render
from apps.mail.skeleton import Skeleton, slot
from apps.notifications import links
from apps.notifications.models import DeliveryKind
from apps.problems.models import Difficulty, Problem

TEXT_WIDTH = 72
# What the personal values may add to the HTML beyond their slots: tokens, a title, a path of tags.
_PERSONAL_BYTES = 3_000
# A skeleton weighs about three times its mail; this many are some tens of megabytes at most.
_KEPT = 256
_PREHEADER_LIMIT = 110


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a problem as one kind of mail; equal editions have equal skeletons."""

    uuid: UUID
    version: int
    kind: str
    is_corrected: bool
    has_previous: bool
    problem: Problem = field(compare=False, repr=False)

    @classmethod
    def of(
        cls, problem: Problem, kind: str, *, is_corrected: bool = False, has_previous: bool = False
    ) -> "Edition":
        return cls(problem.uuid, problem.version, kind, is_corrected, has_previous, problem)


@lru_cache(maxsize=_KEPT)
def skeleton_of(edition: Edition) -> Skeleton:
    """The edition's mail with slots for what is personal.

    InvalidInputError when the Markdown is beyond the limits.
    """
    rendered = _within_limit(edition)
    return Skeleton(
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=_headers(edition),
    )


def exceeds_limit(edition: Edition) -> bool:
    """Whether the whole mail would be cut by mail programs."""
    body = _body(edition)
    return not _fits(_with_blocks(edition, body)(body.block_count()))


def facts_of(problem: Problem) -> str:
    """What is said of a problem before its title: `Medium · 20 min`."""
    minutes = f"{problem.estimated_minutes} min" if problem.estimated_minutes else ""
    difficulty = Difficulty(problem.difficulty).label if problem.difficulty else ""
    return " · ".join(filter(None, (difficulty, minutes)))


def _body(edition: Edition) -> Document:
    problem = edition.problem
    is_challenge = edition.kind == DeliveryKind.CHALLENGE
    return Document(problem.statement if is_challenge else problem.solution)


def _within_limit(edition: Edition) -> Rendered:
    """The whole mail, or as many blocks of its body as fit, and a link to the rest."""
    body = _body(edition)
    with_blocks, total = _with_blocks(edition, body), body.block_count()
    whole = with_blocks(total)
    return whole if _fits(whole) else _longest_that_fits(with_blocks, total - 1)


def _with_blocks(edition: Edition, body: Document) -> Callable[[int], Rendered]:
    """A function that renders the mail with so many blocks of its body."""
    context, total = _context(edition, body), body.block_count()

    def with_blocks(count: int) -> Rendered:
        part = body.head(count)
        html = part.html(Profile.MAIL, top_heading=_top_heading(edition))
        return render(edition.kind, {**context, "html": html, "is_cut": count < total})

    return with_blocks


def _longest_that_fits(with_blocks: Callable[[int], Rendered], most: int) -> Rendered:
    fitting, rendered = 0, with_blocks(0)
    while fitting < most:
        middle = (fitting + most + 1) // 2
        attempt = with_blocks(middle)
        if _fits(attempt):
            fitting, rendered = middle, attempt
        else:
            most = middle - 1
    return rendered


def _fits(rendered: Rendered) -> bool:
    return len(rendered.html.encode()) <= HTML_LIMIT - _PERSONAL_BYTES


def _top_heading(edition: Edition) -> int:
    """Below the title, or below the heading over the solution."""
    return 2 if edition.kind == DeliveryKind.CHALLENGE else 3


def _context(edition: Edition, body: Document) -> dict[str, Any]:
    problem = edition.problem
    statement = Document(problem.statement)
    opening = statement.first_paragraph()
    title = textwrap.wrap(problem.title, TEXT_WIDTH)
    return {
        "problem": problem,
        "facts": facts_of(problem),
        "preheader": f"{facts_of(problem)} · {statement.words(limit=_PREHEADER_LIMIT)}",
        "title_text": "\n".join([*title, "=" * max(map(len, title))]),
        "text": body.text(width=TEXT_WIDTH),
        "opening_html": opening.html(Profile.MAIL, top_heading=2),
        "opening_text": opening.text(width=TEXT_WIDTH),
        "is_corrected": edition.is_corrected,
        "feedback_link": links.feedback_url(slot("feedback")),
        "read_link": links.read_url(slot("read")),
        "manage_link": links.manage_url(slot("manage")),
        "pause_link": links.pause_url(slot("manage")),
        "unsubscribe_link": links.unsubscribe_url(slot("unsubscribe")),
        "previous_link": links.read_url(slot("previous")) if edition.has_previous else "",
        **{name: slot(name) for name in _PLAIN_SLOTS},
    }


_PLAIN_SLOTS = (
    "meta_text",
    "reason",
    "subscribed_text",
    "previous_day",
    "previous_title",
    "previous_text",
)


def _headers(edition: Edition) -> dict[str, str]:
    problem = edition.problem
    return {
        **COMMON_HEADERS,
        "List-Id": f"Daily Challenge <daily-challenge.{settings.MAIL_DOMAIN}>",
        # Source: RFC 8058, section 3.1.
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # Four fields, the last of which names the sender. Source: Gmail's feedback loop.
        "Feedback-ID": f"problem{problem.pk}:v{problem.version}:{edition.kind}:daily-challenge",
    }
