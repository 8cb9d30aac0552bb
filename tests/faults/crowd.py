"""Many subscribers at once, and what is planned for them."""

from datetime import time, timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.models import Delivery, Subscription
from tests.factories import LONG_AGO, ProblemFactory


def subscribers(count: int, prefix: str = "reader") -> list[Subscription]:
    """So many active subscribers, none of them due for a day."""
    users = User.objects.bulk_create(
        User(email=f"{prefix}{n}@example.org", password="!", email_verified_at=LONG_AGO)
        for n in range(count)
    )
    now = timezone.now()
    return Subscription.objects.bulk_create(
        Subscription(
            user=user,
            delivery_time=time(8),
            subscribed_at=LONG_AGO,
            activated_at=LONG_AGO,
            next_delivery_at=now + timedelta(days=1),
            last_due_at=now,
            slot_count=1,
            bucket=n % 32,
        )
        for n, user in enumerate(users)
    )


def sent_with_solutions(count: int, prefix: str = "reader") -> list[Delivery]:
    """Yesterday's challenge, sent to so many subscribers, whose solutions are due now."""
    problem = ProblemFactory()
    now = timezone.now()
    shared = {"problem": problem, "problem_version": problem.version, "slot": 1}
    rows = [
        Delivery(
            subscription=subscription,
            local_date=due_at.date(),
            due_at=due_at,
            reason_code="any",
            kind=kind,
            **shared,
            **transport,
        )
        for subscription in subscribers(count, prefix)
        for kind, due_at, transport in (
            ("challenge", now - timedelta(days=1), _SENT | {"sent_at": now - timedelta(days=1)}),
            ("solution", now, {}),
        )
    ]
    return Delivery.objects.bulk_create(rows)


_SENT = {"status": "sent", "attempts": 1, "message_id": "<yesterday@challenge.example>"}


def planned_challenges(count: int, prefix: str = "reader") -> list[Delivery]:
    """A challenge that is due now for so many subscribers, all of one problem."""
    problem = ProblemFactory()
    now = timezone.now()
    return Delivery.objects.bulk_create(
        Delivery(
            subscription=subscription,
            problem=problem,
            problem_version=problem.version,
            kind="challenge",
            slot=1,
            due_at=now,
            local_date=now.date(),
            reason_code="any",
        )
        for subscription in subscribers(count, prefix)
    )
