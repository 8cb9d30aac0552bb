"""What a reader does with a challenge: asks for a hint, reveals the solution, says how it went."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.mail.models import HANDED_OVER, OutgoingStatus
from apps.notifications.models import Delivery, DifficultyFelt, Outcome, Reading, Subscription

COMMENT_LIMIT = 2000
_RATINGS = range(1, 6)
# Who has the link in hand has the mail, even while we are not sure that it arrived.
_GONE_OUT = (*HANDED_OVER, OutgoingStatus.SENDING, OutgoingStatus.UNCERTAIN)


def show_next_hint(*, challenge: Delivery) -> tuple[Sequence[str], int]:
    """One hint more; returns those shown and how many are left. Idempotent at the last one.

    ConflictError `not_delivered` before the challenge went out.
    """
    _refuse_unsent(challenge)
    hints = challenge.problem.hints
    with transaction.atomic():
        reading = _locked(challenge)
        if reading.hints_shown < len(hints):
            reading.hints_shown += 1
            reading.save(update_fields=["hints_shown", "updated_at"])
    return hints[: reading.hints_shown], max(len(hints) - reading.hints_shown, 0)


def reveal_solution(*, challenge: Delivery) -> None:
    """The solution is theirs from now on. Idempotent. ConflictError `not_delivered`."""
    _refuse_unsent(challenge)
    with transaction.atomic():
        _locked(challenge)
        Reading.objects.filter(pk=challenge.pk).update(
            revealed_at=Coalesce(F("revealed_at"), timezone.now())
        )


def record_feedback(
    *,
    challenge: Delivery,
    outcome: str = "",
    difficulty_felt: str = "",
    rating: int | None = None,
    comment: str = "",
) -> Reading:
    """Say how it went; replaces what was said before, but without an outcome the old one stays.

    Returns the reading. ConflictError `not_delivered`; InvalidInputError names the field.
    """
    _refuse_unsent(challenge)
    _check("outcome", outcome, ["", *Outcome.values])
    _check("difficulty_felt", difficulty_felt, ["", *DifficultyFelt.values])
    _check("rating", rating, [None, *_RATINGS])
    if len(comment) > COMMENT_LIMIT or "\x00" in comment:
        raise InvalidInputError(f"Write at most {COMMENT_LIMIT} characters.", field="comment")
    with transaction.atomic():
        reading = _locked(challenge)
        if outcome:
            reading.outcome, reading.marked_at = outcome, timezone.now()
        reading.difficulty_felt, reading.rating = difficulty_felt, rating
        reading.comment = comment
        reading.save()
    return reading


def _refuse_unsent(challenge: Delivery) -> None:
    if challenge.status not in _GONE_OUT:
        raise ConflictError("This challenge has not been sent to you.", code="not_delivered")


def _check(field: str, value: Any, allowed: Sequence[Any]) -> None:
    if value not in allowed:
        raise InvalidInputError("This is not one of the offered answers.", field=field)


def _locked(challenge: Delivery) -> Reading:
    """The reading, made if need be; two at once wait for each other, and for an erasure.

    NotFoundError when the reader has been erased meanwhile.
    """
    owners = Subscription.objects.select_for_update(no_key=True)
    # The person is looked at once nobody can erase them any more before we are done.
    if owners.get(pk=challenge.subscription_id).user.is_erased:
        raise NotFoundError("There is nothing left of this challenge.")
    Reading.objects.bulk_create([Reading(delivery=challenge)], ignore_conflicts=True)
    return Reading.objects.select_for_update().get(pk=challenge.pk)
