"""P29: a restored backup sends nothing by itself, and nothing stale when it is let to."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.core.models import Alert
from apps.mail import ledger
from apps.mail.models import SendingSwitch
from apps.mail.sending import send_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.outbox import DeliveryOutbox
from apps.notifications.services import plan_due
from config.connections import mail_transport_from_url
from tests.factories import ProblemFactory
from tests.faults.conftest import execute
from tests.faults.crowd import planned_challenges, sent_with_solutions

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)


def restore_as(postgres, name):
    """Make this thread's Django work with a copy of its database, as a restored dump is one."""
    original = connection.settings_dict["NAME"]
    connection.close()
    execute(postgres.server.url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    execute(postgres.server.url, f"CREATE DATABASE {name} TEMPLATE {original}")
    connection.settings_dict["NAME"] = name


@pytest.mark.parametrize("age", [timedelta(hours=20), timedelta(days=19, hours=20)])
def test_a_restored_backup_waits_for_a_person_and_then_sends_nothing_stale(
    begin, postgres, settings, age, show
):
    campaign = begin()
    settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{campaign.mail.port}")
    ProblemFactory.create_batch(5)
    with time_machine.travel(NOON, tick=False) as clock:
        send_due()  # the identity of the original is on record
        planned_challenges(30)
        sent_with_solutions(30, "solver")
        Subscription.objects.update(delivery_time=NOON.time())
        worker_dies_holding(10)
        restore_as(postgres, "campaign_restored")
        clock.shift(age)
        restored_at = timezone.now()
        hour = restored_at.replace(hour=NOON.hour)

        first = send_due()
        plan_due()
        again = send_due()
        switch = SendingSwitch.objects.get()
        held = campaign.mail.taken_count()

        call_command("confirm_identity")
        call_command("sending", "on")
        at_once = ticks(clock)
        waiting = Delivery.objects.exclude(status="sent")
        left = set(waiting.values_list("status", flat=True))
        stale = waiting.filter(kind="solution", due_at__lt=restored_at).count()

        clock.move_to(hour - timedelta(minutes=1))
        before_the_hour = ticks(clock)
        clock.move_to(hour)
        at_the_hour = ticks(clock)

    assert (first, again, held) == ({}, {}, 0)
    assert (switch.is_on, "restored backup" in switch.reason) == (False, True)
    assert Alert.objects.get(kind="sending_off").raised_count == 1
    # All of them wait for their readers' hour, which is the next one.
    assert (at_once, left, stale) == ({}, {"planned"}, 0)
    # Then one of each at most, the solution before the challenge.
    assert before_the_hour == {"sent": 30}
    assert at_the_hour == {"sent": 60}
    assert campaign.mail.taken_count() == 90
    assert not Subscription.objects.filter(next_delivery_at__lt=restored_at).exists()
    show(f"P29  a dump of {age} ago with 60 due mails: sending off; once on, 0 stale, 0 too many")


def worker_dies_holding(count):
    """Claimed in the dump: nobody will ever finish them."""
    claimed = ledger.claim(DeliveryOutbox(), limit=count)
    assert len(claimed.rows) == count


def ticks(clock):
    """Three ticks, so that what a dead worker held is taken up as well; what was sent."""
    sent = Counter()
    for _ in range(3):
        plan_due()
        sent.update(send_due())
        clock.shift(timedelta(seconds=20))
    return sent
