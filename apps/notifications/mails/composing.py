"""Fills in what is each reader's own: reason, links, yesterday's solution, the thread."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import prefetch_related_objects

from apps.core.clock import utc_to_local_date
from apps.mail.message import Message, message_id_for
from apps.mail.models import HANDED_OVER
from apps.notifications import links
from apps.notifications.mails.editions import (
    TEXT_WIDTH,
    Edition,
    exceeds_limit,
    facts_of,
    skeleton_of,
)
from apps.notifications.models import Delivery, DeliveryKind
from apps.notifications.reader import Reader
from apps.notifications.reasons import reason_text
from apps.notifications.selectors import solution_instant
from apps.problems.models import Problem

_SAMPLE_REASON = "because you follow Python → asyncio"


class _Challenge(NamedTuple):
    """What a mail says of a challenge. Plain columns: making models of them took longer than all
    else that composing does.
    """

    pk: int
    subscription_id: int
    slot: int
    status: str
    due_at: datetime
    local_date: date
    problem_version: int
    message_id: str
    title: str

    @classmethod
    def of(cls, row: Delivery) -> "_Challenge":
        """A row that is one itself."""
        own = (getattr(row, name) for name in cls._fields[:-1])
        return cls._make((*own, row.problem.title))


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Of one delivery: the challenge that it is or solves, and the one before, if mentioned."""

    challenge: _Challenge
    previous: _Challenge | None


def compose(deliveries: Sequence[Delivery]) -> dict[int, Message]:
    """The mails of these rows, in at most three queries, or four once tags are not loaded.

    A solution whose challenge is not to be found is left out.
    """
    strangers = [row for row in deliveries if "reader" not in vars(row)]
    prefetch_related_objects(strangers, "subscription__user")
    prefetch_related_objects(deliveries, "problem")
    challenges = _challenges_around(deliveries)
    return {
        row.pk: _message(row, neighbours)
        for row in deliveries
        if (neighbours := _neighbours(row, challenges)) is not None
    }


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


def _challenges_around(deliveries: Sequence[Delivery]) -> dict[tuple[int, int], _Challenge]:
    """What else the mails of these rows speak of, by subscription and slot: the challenge that a
    solution solves, and the one before a challenge.
    """
    slots = {row.slot - _is_challenge(row) for row in deliveries}
    rows = (
        Delivery.objects.challenges()
        .filter(subscription_id__in={row.subscription_id for row in deliveries}, slot__in=slots)
        .exclude(status="cancelled")
        .order_by()
        .values_list(*_Challenge._fields[:-1], "problem__title")
    )
    challenges = map(_Challenge._make, rows)
    return {(challenge.subscription_id, challenge.slot): challenge for challenge in challenges}


def _neighbours(row: Delivery, challenges: dict[tuple[int, int], _Challenge]) -> _Neighbours | None:
    if not _is_challenge(row):
        challenge = challenges.get((row.subscription_id, row.slot))
        return _Neighbours(challenge, None) if challenge else None
    previous = challenges.get((row.subscription_id, row.slot - 1))
    is_mentioned = (
        previous is not None
        and previous.status in HANDED_OVER
        and solution_instant(row.reader, previous.due_at) <= row.due_at
    )
    return _Neighbours(_Challenge.of(row), previous if is_mentioned else None)


def _is_challenge(row: Delivery) -> bool:
    return row.kind == DeliveryKind.CHALLENGE


def _message(row: Delivery, neighbours: _Neighbours) -> Message:
    challenge = neighbours.challenge
    edition = Edition.of(
        row.problem,
        row.kind,
        is_corrected=row.kind == DeliveryKind.SOLUTION
        and challenge.problem_version < row.problem.version,
        has_previous=neighbours.previous is not None,
    )
    unsubscribe_token = links.make_unsubscribe_token(row.subscription_id)
    return skeleton_of(edition).fill(
        recipient=row.reader.email,
        message_id=row.message_id or message_id_for("delivery", row.pk),
        headers=_headers(row, challenge, unsubscribe_token),
        values={
            "read": links.make_read_token(challenge.pk),
            "feedback": links.make_feedback_token(challenge.pk),
            "manage": links.make_manage_token(row.subscription_id, row.reader.email),
            "unsubscribe": unsubscribe_token,
            "subscribed_text": _subscribed_text(row.reader),
            **_reason_values(row),
            **_previous_values(row, neighbours.previous),
        },
    )


def _headers(row: Delivery, challenge: _Challenge, unsubscribe_token: str) -> dict[str, str]:
    headers = {"List-Unsubscribe": f"<{links.unsubscribe_url(unsubscribe_token)}>"}
    if row.kind == DeliveryKind.SOLUTION:
        # Both are one conversation in the reader's mailbox.
        headers |= {"In-Reply-To": challenge.message_id, "References": challenge.message_id}
    return headers


def _reason_values(row: Delivery) -> dict[str, str]:
    reason = reason_text(row.reason_code, row.reason_path)
    facts = facts_of(row.problem)
    line = f"{facts} · {reason}" if row.kind == DeliveryKind.CHALLENGE else facts
    return {"reason": reason, "meta_text": _wrapped(line)}


def _previous_values(row: Delivery, previous: _Challenge | None) -> dict[str, str]:
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


def _subscribed_text(reader: Reader) -> str:
    """`3 March 2026, at 08:00 Europe/Berlin`, the day as it was there."""
    day = utc_to_local_date(reader.subscribed_at, reader.timezone)
    return f"{day.day} {day:%B %Y}, at {reader.delivery_time:%H:%M} {reader.timezone}"
