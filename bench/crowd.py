"""Subscribers for the benchmarks of sending, and challenges for all of them, one after another."""

from datetime import time, timedelta
from itertools import count
from pathlib import Path

from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.models import Delivery, Subscription
from apps.problems.models import Problem
from apps.problems.problem_file import parse

# A mail like most: of the starter bank half the challenges are longer.
_PROBLEM = "the-pool-is-empty-and-postgresql-is-bored"
_FILE = Path(__file__).parents[1] / "starter" / "problems" / f"{_PROBLEM}.md"


class Crowd:
    """So many active subscribers, none of them due by themselves."""

    def __init__(self, size: int) -> None:
        self._slots = count(1)
        users = User.objects.bulk_create(
            User(email=f"reader{n}@example.org", password="!", email_verified_at=timezone.now())
            for n in range(size)
        )
        now = timezone.now()
        self._subscriptions = Subscription.objects.bulk_create(
            Subscription(
                user=user,
                delivery_time=time(8),
                subscribed_at=now,
                activated_at=now,
                next_delivery_at=now + timedelta(days=1),
                bucket=n % 32,
            )
            for n, user in enumerate(users)
        )

    def plan_challenge(self, size: int | None = None) -> Problem:
        """One more challenge, due now, for the first so many of them, or all."""
        slot = next(self._slots)
        content = parse(_FILE.read_bytes()).content
        problem = Problem.objects.create(
            title=f"{content['title']}, number {slot}",
            slug=f"{_PROBLEM}-{slot}",
            statement=content["statement"],
            solution=content["solution"],
            hints=content["hints"],
            difficulty=content["difficulty"],
            estimated_minutes=content["estimated_minutes"],
            status="approved",
            vetting_tier="tier1_manual",
            approved_at=timezone.now(),
        )
        now = timezone.now()
        Delivery.objects.bulk_create(
            Delivery(
                subscription=subscription,
                problem=problem,
                problem_version=problem.version,
                kind="challenge",
                slot=slot,
                due_at=now,
                local_date=now.date(),
                reason_code="any",
            )
            for subscription in self._subscriptions[:size]
        )
        return problem
