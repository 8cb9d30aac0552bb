"""Reads across subscriptions, deliveries, problems and tags."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from apps.accounts.models import User
from apps.core.errors import NotFoundError
from apps.mail.models import HANDED_OVER
from apps.notifications.clock import Timetable, solution_slot
from apps.notifications.dispatches import Dispatch
from apps.notifications.models import Delivery, Subscription
from apps.problems.models import ProblemTag
from apps.tags.models import Tag

PATH_ARROW = " → "
_PATH_LIMIT = 200


def own_subscription(user: User, *, lock: bool = False) -> Subscription:
    """A person's subscription, whatever its status.

    NotFoundError `not_subscribed` before there is one.
    """
    subscriptions = Subscription.objects.filter(user=user)
    if lock:
        subscriptions = subscriptions.select_for_update()
    subscription = subscriptions.first()
    if subscription is None:
        raise NotFoundError("You have no subscription yet.", code="not_subscribed")
    return subscription


def outcomes_of(subscription: Subscription) -> list[str]:
    """How each sent challenge went, oldest first; empty while unmarked."""
    sent = Delivery.objects.challenges().filter(subscription=subscription, status__in=HANDED_OVER)
    outcomes = sent.order_by("slot").values_list("reading__outcome", flat=True)
    return [outcome or "" for outcome in outcomes]


def reason_paths(pairs: Iterable[tuple[int | None, int]]) -> dict[tuple[int | None, int], str]:
    """For each (interest, problem): the way down the tree, such as `Python → asyncio`. Two queries.

    It leads from the interest to the deepest tag of the problem below it (by name where several are
    as deep); empty when the problem was picked from the whole bank.
    """
    pairs = set(pairs)
    problem_ids = {problem_id for interest_id, problem_id in pairs if interest_id is not None}
    if not problem_ids:
        return dict.fromkeys(pairs, "")
    tags = {row[0]: (row[1], row[2]) for row in Tag.objects.values_list("id", "parent_id", "name")}
    tag_ids: dict[int, list[int]] = {}
    for problem_id, tag_id in ProblemTag.objects.filter(problem_id__in=problem_ids).values_list(
        "problem_id", "tag_id"
    ):
        tag_ids.setdefault(problem_id, []).append(tag_id)
    return {pair: _path(pair[0], tag_ids.get(pair[1], ()), tags) for pair in pairs}


def _path(
    interest_id: int | None, tag_ids: Iterable[int], tags: Mapping[int, tuple[int | None, str]]
) -> str:
    if interest_id is None:
        return ""
    ways = [way for tag_id in tag_ids if (way := _way_up(tag_id, interest_id, tags))]
    deepest = max(ways, key=lambda way: (len(way), way), default=[interest_id])
    return PATH_ARROW.join(tags[tag_id][1] for tag_id in reversed(deepest))[:_PATH_LIMIT]


def _way_up(
    tag_id: int, interest_id: int, tags: Mapping[int, tuple[int | None, str]]
) -> list[int] | None:
    """The tags from one up to the interest, both included; None if it is not above."""
    way = [tag_id]
    while way[-1] != interest_id:
        parent = tags[way[-1]][0]
        if parent is None:
            return None
        way.append(parent)
    return way


def solution_instant(wishes: Subscription | Dispatch, challenge_due_at: datetime) -> datetime:
    """From when on the solution of a challenge that was due then is the subscriber's, mail or no
    mail.
    """
    timetable = Timetable(wishes.timezone, wishes.delivery_time)
    return solution_slot(timetable, challenge_due_at).due_at
