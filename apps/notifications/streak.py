"""How many challenges in a row somebody solved or tried. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.notifications.models import Outcome

_COUNTS = (Outcome.SOLVED, Outcome.TRIED)


@dataclass(frozen=True, slots=True)
class Streak:
    """Counted in slots, so that pauses, skipped days and zones cannot break it."""

    current: int
    longest: int


def streak(outcomes: Sequence[str]) -> Streak:
    """The streak over a subscriber's sent challenges, oldest first; empty is unmarked.

    The newest, while unmarked, neither counts nor breaks; a late mark repairs.
    """
    if outcomes and not outcomes[-1]:
        outcomes = outcomes[:-1]
    current = longest = 0
    for outcome in outcomes:
        current = current + 1 if outcome in _COUNTS else 0
        longest = max(longest, current)
    return Streak(current, longest)
