"""Planning so many due subscribers with every write the real planner does, against the raw floor:
one INSERT … SELECT of ready picks and one UPDATE … FROM of ready next instants, into the same
tables with all their constraints.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from apps.notifications.choosing import Candidate, Wishes, choose
from apps.notifications.models import Delivery, Subscription
from apps.notifications.services import plan_due
from apps.problems.models import Problem
from apps.problems.rank import TIERS
from apps.tags.models import Tag
from bench.audience import gather, live_through, make_due, tidy
from bench.bank import plant, stock
from bench.outcome import Outcome

# How many picks are held to the policy as choosing.py states it.
COMPARED = 40
_COLUMNS = """subscription_id, problem_id, problem_version, kind, slot, local_date, due_at,
    reason_code, reason_interest_id, reason_path, status, attempts, uncertain_count, solo_claims,
    message_id, provider_message_id, last_code"""
_STATE = "next_delivery_at, last_due_at, starved_at, slot_count"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=30, help="past deliveries of each")
    parser.add_argument("--tags", type=int, default=300)
    parser.add_argument("--problems", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=5)


def run(options: argparse.Namespace) -> list[Outcome]:
    dice = random.Random(7)
    tags = plant(options.tags, dice)
    stock(options.problems, tags, dice)
    gather(options.subscribers, tags, dice)
    live_through(options.history)
    pairs = [_pair(options.subscribers, is_first=n == 0) for n in range(options.pairs)]
    planner_s, floor_s = (min(seconds) for seconds in zip(*pairs, strict=True))
    return [
        Outcome(
            "plan",
            [planner / floor for planner, floor in pairs],
            6.0,
            at_most=True,
            orientation={
                "subscribers": options.subscribers,
                "planner_per_s": round(options.subscribers / planner_s),
                "floor_per_s": round(options.subscribers / floor_s),
            },
        )
    ]


def _pair(subscribers: int, *, is_first: bool) -> tuple[float, float]:
    """Seconds of the planner and of the floor, which do the same to the same state."""
    make_due()
    _keep("before", f"SELECT id, {_STATE} FROM notifications_subscription")
    tidy()
    expected = _expected() if is_first else {}
    planner_s = _seconds(lambda: _plan(subscribers))
    picks = dict(Delivery.objects.planned().values_list("subscription_id", "problem_id"))
    assert {pk: picks[pk] for pk in expected} == expected, "the picks are not the policy's"
    _keep(
        "picks",
        f"SELECT {_COLUMNS} FROM notifications_delivery WHERE status = 'planned'"
        " ORDER BY subscription_id",
    )
    _keep("after", f"SELECT id, {_STATE} FROM notifications_subscription")
    found = _fingerprint()
    _take_back()
    tidy()
    floor_s = _seconds(_write_ready)
    assert _fingerprint() == found, "the floor wrote something else than the planner"
    _take_back()
    return planner_s, floor_s


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _plan(subscribers: int) -> None:
    counts = plan_due()
    assert counts == {"due": subscribers, "planned": subscribers, "starved": 0}, counts


@transaction.atomic
def _write_ready() -> None:
    _execute(f"INSERT INTO notifications_delivery ({_COLUMNS}) SELECT {_COLUMNS} FROM bench_picks")
    _move_subscriptions("after")


def _take_back() -> None:
    """The state before the turn, but for the dead rows."""
    with transaction.atomic():
        _execute("DELETE FROM notifications_delivery WHERE status = 'planned'")
        _move_subscriptions("before")


def _move_subscriptions(to: str) -> None:
    _execute(
        f"""UPDATE notifications_subscription AS s
        SET next_delivery_at = ready.next_delivery_at, last_due_at = ready.last_due_at,
            starved_at = ready.starved_at, slot_count = ready.slot_count
        FROM bench_{to} AS ready WHERE ready.id = s.id"""
    )


def _keep(name: str, query: str) -> None:
    _execute(f"DROP TABLE IF EXISTS bench_{name}")
    _execute(f"CREATE UNLOGGED TABLE bench_{name} AS {query}")
    _execute(f"ANALYZE bench_{name}")


def _fingerprint() -> Any:
    """What the turn has written, in one value."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT (SELECT md5(string_agg(d::text, '' ORDER BY subscription_id)) FROM (
                    SELECT {_COLUMNS} FROM notifications_delivery WHERE status = 'planned') AS d),
                (SELECT md5(string_agg(s::text, '' ORDER BY id)) FROM (
                    SELECT id, {_STATE} FROM notifications_subscription) AS s)"""
        )
        return cursor.fetchone()


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _expected() -> dict[int, int]:
    """What the policy, without the database, gives to some of them."""
    bank = [
        Candidate(
            problem_id=problem.pk,
            uuid=str(problem.uuid),
            tier=TIERS[problem.vetting_tier],
            difficulty=problem.difficulty,
            tag_ids=frozenset(tag.pk for tag in problem.tags.all()),
        )
        for problem in Problem.objects.prefetch_related("tags")
    ]
    parents = dict(Tag.objects.values_list("id", "parent_id"))
    some = Subscription.objects.order_by("?").prefetch_related("tags")[:COMPARED]
    picks = {row.pk: choose(_wishes(row), bank, parents) for row in some}
    return {pk: pick.problem_id for pk, pick in picks.items() if pick}


def _wishes(subscription: Subscription) -> Wishes:
    had = Delivery.objects.challenges().filter(subscription=subscription)
    return Wishes(
        subscription_id=subscription.pk,
        bucket=subscription.bucket,
        slot=subscription.slot_count + 1,
        interests=frozenset(tag.pk for tag in subscription.tags.all()),
        difficulties=frozenset(subscription.difficulties),
        had=frozenset(had.values_list("problem_id", flat=True)),
    )
