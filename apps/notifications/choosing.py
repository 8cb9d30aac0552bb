"""Which problem a subscriber gets next: the policy, stated without a database.

choosing.sql does the same for thousands at once; tests hold the two together over random worlds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5

from apps.notifications.models import ReasonCode
from apps.problems.rank import rank


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved problem that readers' reports do not hold back; `tag_ids` are the tags on it."""

    problem_id: int
    uuid: str
    tier: int
    difficulty: str
    tag_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Wishes:
    """One subscriber.

    `slot` is the number of the challenge to be chosen, `had` what they ever got.
    """

    subscription_id: int
    bucket: int
    slot: int
    interests: frozenset[int]
    difficulties: frozenset[str]
    had: frozenset[int] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Pick:
    """A problem and why.

    `interest_id` is the wanted tag, or the parent of one, under which it was found.
    """

    problem_id: int
    code: ReasonCode
    interest_id: int | None


def choose(
    wishes: Wishes, bank: Sequence[Candidate], parents: Mapping[int, int | None]
) -> Pick | None:
    """The problem for this slot, or None when the subscriber is starved. Deterministic and total.

    `parents` maps each tag to its parent. The interest whose turn it is comes first, then the next
    ones round; then the parents of the wanted tags in the same manner; then anything.
    """
    eligible = [
        c for c in bank if c.difficulty in wishes.difficulties and c.problem_id not in wishes.had
    ]
    widened = {parents[tag] for tag in wishes.interests if parents[tag] is not None}
    for code, tag_ids in ((ReasonCode.INTEREST, wishes.interests), (ReasonCode.PARENT, widened)):
        for tag_id in turns(wishes.subscription_id, wishes.slot, tag_ids):
            under = [c for c in eligible if any(is_under(t, tag_id, parents) for t in c.tag_ids)]
            if under:
                return Pick(_first(under, wishes.bucket), code, tag_id)
    return Pick(_first(eligible, wishes.bucket), ReasonCode.ANY, None) if eligible else None


def turns(subscription_id: int, slot: int, tag_ids: Iterable[int | None]) -> list[int]:
    """The tags in the order in which this slot tries them: by hash, starting at slot mod n."""
    ordered = sorted(
        (tag_id for tag_id in tag_ids if tag_id is not None),
        key=lambda tag_id: (_hash(subscription_id, tag_id), tag_id),
    )
    start = slot % len(ordered) if ordered else 0
    return ordered[start:] + ordered[:start]


def is_under(tag_id: int, ancestor_id: int, parents: Mapping[int, int | None]) -> bool:
    """Whether a tag is the ancestor itself or anything below it."""
    step: int | None = tag_id
    while step is not None:
        if step == ancestor_id:
            return True
        step = parents[step]
    return False


def _first(candidates: Sequence[Candidate], bucket: int) -> int:
    return min(candidates, key=lambda c: (c.tier, rank(c.uuid, bucket), c.problem_id)).problem_id


def _hash(subscription_id: int, tag_id: int) -> str:
    return md5(f"{subscription_id}:{tag_id}".encode(), usedforsecurity=False).hexdigest()
