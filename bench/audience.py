"""Subscribers with interests, and a past that the planner itself has made for them."""

import random
from collections.abc import Sequence
from datetime import time, timedelta

from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.models import Delivery, Subscription, SubscriptionTag
from apps.notifications.services import plan_due
from apps.tags.models import Tag

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Tokyo")
_BATCH = 10_000


def gather(count: int, tags: Sequence[Tag], dice: random.Random) -> None:
    """So many active subscribers of one to five interests, due in a while."""
    now = timezone.now()
    users = User.objects.bulk_create(
        (User(email=f"reader{n}@example.org", password="!") for n in range(count)),
        batch_size=_BATCH,
    )
    subscriptions = Subscription.objects.bulk_create(
        (
            Subscription(
                user=user,
                delivery_time=time(dice.randrange(24), dice.choice((0, 30))),
                timezone=dice.choice(ZONES),
                subscribed_at=now,
                activated_at=now - timedelta(days=1),
                next_delivery_at=now + timedelta(days=1),
                bucket=n % 32,
            )
            for n, user in enumerate(users)
        ),
        batch_size=_BATCH,
    )
    SubscriptionTag.objects.bulk_create(
        (
            SubscriptionTag(subscription=subscription, tag=tag)
            for subscription in subscriptions
            for tag in dice.sample(tags, dice.randint(1, 5))
        ),
        batch_size=_BATCH,
    )


def make_due() -> None:
    """Everybody's hour has come."""
    Subscription.objects.update(next_delivery_at=timezone.now() - timedelta(minutes=1))


def live_through(days: int) -> None:
    """Plan so many days and take each challenge as sent."""
    for day in range(days, 0, -1):
        make_due()
        plan_due()
        past = timezone.now() - timedelta(days=day)
        Delivery.objects.planned().update(
            status="sent", sent_at=past, due_at=past, attempts=1, message_id="<past@example.org>"
        )
    tidy()


def tidy() -> None:
    """As autovacuum would leave it, and nothing left to write: the same start for every turn."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
