"""Fills in what is each reader's own: reason, links, yesterday's solution, the thread."""

import textwrap
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from apps.core.clock import utc_to_local_date
from apps.mail.message import Message, message_id_for
from apps.mail.models import HANDED_OVER
from apps.notifications import links
from apps.notifications.dispatches import Dispatch, Neighbour
from apps.notifications.mails.editions import (
    TEXT_WIDTH,
    Edition,
    exceeds_limit,
    facts_of,
    skeleton_of,
)
from apps.notifications.reasons import reason_text
from apps.notifications.selectors import solution_instant
from apps.problems.models import Problem

_SAMPLE_REASON = "because you follow Python → asyncio"


def compose(rows: Sequence[Dispatch]) -> dict[int, Message]:
    """The mails of these rows. A solution whose challenge is not to be found is left out."""
    return {row.pk: _message(row) for row in rows if row.is_challenge or row.solved}


def preview(problem: Problem, kind: str) -> Message:
    """The mail as a subscriber would get it, with links that lead nowhere; for curators."""
    skeleton = skeleton_of(Edition.of(problem, kind))
    values = dict.fromkeys(skeleton.names, "preview") | {
        "meta_text": f"{facts_of(problem)} · {_SAMPLE_REASON}",
        "reason": _SAMPLE_REASON,
        "subscribed_text": "1 March 2026, at 08:00 Europe/Berlin",
    }
    return skeleton.fill(
        recipient="reader@example.org",
        message_id=f"<preview@{settings.MAIL_DOMAIN}>",
        headers={},
        values=values,
    )


def is_cut(problem: Problem, kind: str) -> bool:
    """Whether this mail is so long that it ends with a link to the rest."""
    return exceeds_limit(Edition.of(problem, kind))


def _message(row: Dispatch) -> Message:
    previous = _previous(row)
    edition = Edition.of(
        row.problem,
        row.kind,
        is_corrected=row.solved is not None and row.solved.problem_version < row.problem.version,
        has_previous=previous is not None,
    )
    challenge_id = row.solved.pk if row.solved else row.pk
    unsubscribe_token = links.make_unsubscribe_token(row.subscription_id)
    return skeleton_of(edition).fill(
        recipient=row.email,
        message_id=row.message_id or message_id_for("delivery", row.pk),
        headers=_headers(row, unsubscribe_token),
        values={
            "read": links.make_read_token(challenge_id),
            "feedback": links.make_feedback_token(challenge_id),
            "manage": links.make_manage_token(row.subscription_id, row.email),
            "unsubscribe": unsubscribe_token,
            "subscribed_text": _subscribed_text(row),
            **_reason_values(row),
            **_previous_values(row, previous),
        },
    )


def _previous(row: Dispatch) -> Neighbour | None:
    """The challenge before, if it went out and its solution is the reader's by then."""
    before = row.neighbour if row.is_challenge else None
    if before is None or before.status not in HANDED_OVER:
        return None
    return before if solution_instant(row, before.due_at) <= row.due_at else None


def _headers(row: Dispatch, unsubscribe_token: str) -> dict[str, str]:
    headers = {"List-Unsubscribe": f"<{links.unsubscribe_url(unsubscribe_token)}>"}
    if row.solved:
        # Both are one conversation in the reader's mailbox.
        challenge = row.solved.message_id
        headers |= {"In-Reply-To": challenge, "References": challenge}
    return headers


def _reason_values(row: Dispatch) -> dict[str, str]:
    reason = reason_text(row.reason_code, row.reason_path)
    facts = facts_of(row.problem)
    line = f"{facts} · {reason}" if row.is_challenge else facts
    return {"reason": reason, "meta_text": _wrapped(line)}


def _previous_values(row: Dispatch, previous: Neighbour | None) -> dict[str, str]:
    if previous is None:
        return {}
    yesterday = row.local_date - timedelta(days=1)
    day = "Yesterday" if previous.local_date == yesterday else "Last time"
    title = previous.title
    return {
        "previous": links.make_read_token(previous.pk),
        "previous_day": day,
        "previous_title": title,
        "previous_text": _wrapped(f"{day}: {title} → solution"),
    }


def _wrapped(line: str) -> str:
    return line if len(line) <= TEXT_WIDTH else textwrap.fill(line, TEXT_WIDTH)


def _subscribed_text(row: Dispatch) -> str:
    """`3 March 2026, at 08:00 Europe/Berlin`, the day as it was there."""
    day = utc_to_local_date(row.subscribed_at, row.timezone)
    return f"{day.day} {day:%B %Y}, at {row.delivery_time:%H:%M} {row.timezone}"
