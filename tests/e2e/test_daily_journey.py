"""A challenge and, a day later, its solution: through real beat, broker and worker processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.models import Heartbeat
from apps.core.schedules import sync_schedules
from apps.mail.models import MailboxMessage, SendingSwitch
from apps.notifications.models import Delivery
from apps.problems.models import BankState
from tests.e2e.processes import celery
from tests.factories import ProblemFactory, SubscriptionFactory, TagFactory
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def platform(ahead: timedelta) -> Iterator[None]:
    worker = (
        "worker",
        "-Q",
        "emails,content,default",
        "--concurrency",
        "1",
        "--loglevel",
        "WARNING",
    )
    with celery(*worker, ahead=ahead), celery("beat", "--loglevel", "WARNING", ahead=ahead):
        yield


@pytest.fixture
def _installation() -> None:
    """The rows that migrations make, an empty broker, and ticks of a second."""
    SendingSwitch.objects.get_or_create(pk=1)
    BankState.objects.get_or_create(pk=1, defaults={"widened_at": timezone.now()})
    redis.Redis.from_url(f"{os.environ['REDIS_URL']}/5").flushdb()
    sync_schedules(settings.DEFAULT_SCHEDULES)
    second, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    for task in PeriodicTask.objects.filter(interval__every=30):
        task.interval = second
        task.save()


def mails() -> list[Message]:
    return [message_from_bytes(bytes(m.raw)) for m in MailboxMessage.objects.order_by("id")]


def planner_beat() -> datetime:
    return Heartbeat.objects.get(name="planner").beat_at


@pytest.mark.usefixtures("_installation")
def test_a_challenge_and_a_day_later_its_solution_and_nothing_twice():
    tag = TagFactory(name="Python")
    for title in ("The first one", "The second one"):
        ProblemFactory(title=title, tags=[tag])
    now = timezone.now().replace(second=0, microsecond=0)
    subscription = SubscriptionFactory(
        tags=[tag], delivery_time=now.time(), next_delivery_at=now, user__email="ada@example.org"
    )

    with platform(timedelta(0)):
        (challenge,) = until(mails, 180)
        three_ticks_on = planner_beat() + timedelta(seconds=3)
        until(lambda: planner_beat() >= three_ticks_on, 180)
        assert len(mails()) == 1

    with platform(timedelta(days=1, minutes=1)):
        until(lambda: len(mails()) == 3, 180)

    solution, following = mails()[1:]
    assert {mail["To"] for mail in mails()} == {"ada@example.org"}
    assert solution["Subject"] == f"Solution: {challenge['Subject']}"
    assert solution["In-Reply-To"] == challenge["Message-ID"]
    assert {challenge["Subject"], following["Subject"]} == {"The first one", "The second one"}
    rows = Delivery.objects.filter(subscription=subscription).exclude(status="planned")
    assert sorted(rows.values_list("slot", "kind", "status", "attempts")) == [
        (1, "challenge", "sent", 1),
        (1, "solution", "sent", 1),
        (2, "challenge", "sent", 1),
    ]
