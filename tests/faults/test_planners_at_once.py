"""P2 and P6: however many planners and beats there are, everybody gets one challenge."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.mail.models import OutgoingStatus
from apps.notifications.models import Delivery, Subscription
from tests.factories import ProblemFactory
from tests.faults.campaign import PATIENCE_S, everything_is_settled, repeated
from tests.faults.crowd import subscribers
from tests.faults.programs import CHECKOUT
from tests.waiting import until

PLANNERS, MINUTES, READERS = 8, 50, 60
pytestmark = pytest.mark.faults


@pytest.fixture
def planners(begin):
    environment = dict(begin().environment())
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.planner"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(PLANNERS)
    ]
    yield processes
    for process in processes:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def plan_together(planners):
    """All planners plan in the same moment; how many challenges they say they planned."""
    for planner in planners:
        planner.stdin.write("now\n")
        planner.stdin.flush()
    return sum(json.loads(planner.stdout.readline())["planned"] for planner in planners)


def test_eight_planners_in_the_same_minute_fifty_times_write_one_row_each(planners, show):
    ProblemFactory.create_batch(MINUTES + 5)
    subscribers(READERS)
    Subscription.objects.update(slot_count=0, last_due_at=None)
    planned = []

    for _ in range(MINUTES):
        Subscription.objects.update(next_delivery_at=timezone.now())
        planned.append(plan_together(planners))
        Delivery.objects.filter(status=OutgoingStatus.PLANNED).update(
            status=OutgoingStatus.SENT, sent_at=timezone.now(), attempts=1, message_id="<m@x>"
        )

    assert planned == [READERS] * MINUTES
    rows = Counter(Delivery.objects.values_list("subscription_id", "slot", "kind"))
    assert set(rows.values()) == {1}
    assert len(rows) == READERS * MINUTES
    assert set(Subscription.objects.values_list("slot_count", flat=True)) == {MINUTES}
    show(f"P2   {PLANNERS} planners at once, {MINUTES} times: exactly {len(rows):,} rows")


def ready_at(moment, count, prefix):
    """Subscribers whose delivery time is this very minute."""
    minute = moment.replace(second=0, microsecond=0)
    ids = [row.pk for row in subscribers(count, prefix)]
    Subscription.objects.filter(pk__in=ids).update(
        delivery_time=minute.time(),
        next_delivery_at=minute,
        activated_at=minute - timedelta(days=1),
        last_due_at=None,
        slot_count=0,
    )


def test_two_beats_and_two_workers_never_send_twice(begin, show):
    campaign = begin()
    ProblemFactory.create_batch(3)
    campaign.tick_every_second()
    ready_at(timezone.now(), 60, "early")
    beats = [campaign.beat(), campaign.beat()]
    campaign.worker(), campaign.worker()
    until(lambda: campaign.mail.taken_count() == 60, within_s=PATIENCE_S)

    leader = until(lambda: [beat for beat in beats if "beat_leads" in beat.log.read_text()])[0]
    led_by_one = sum("Sending due task" in beat.log.read_text() for beat in beats)
    leader.kill()
    ready_at(timezone.now(), 60, "late")
    until(lambda: campaign.mail.taken_count() >= 120, within_s=PATIENCE_S)
    until(everything_is_settled, within_s=PATIENCE_S)

    assert led_by_one == 1
    assert repeated(campaign.mail) == 0
    assert campaign.mail.taken_count() == 120
    show("P6   two beats, two workers, the leader killed between: 120 mails, 0 sent twice")
