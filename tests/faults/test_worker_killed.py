"""P1: no delivery is lost to a crash, and at most one mail a crash is repeated."""

import random
import time

import pytest

from apps.notifications.models import Delivery
from tests.faults.campaign import Campaign, copies, statuses
from tests.faults.crowd import planned_challenges
from tests.faults.programs import Celery
from tests.waiting import until


def kill_while_sending(campaign: Campaign, worker: Celery, at_least: int) -> None:
    """Kill the worker's process group somewhere in the middle of sending."""
    begun = campaign.mail.taken_count()
    until(lambda: campaign.mail.taken_count() >= begun + at_least, within_s=60)
    time.sleep(random.uniform(0, 0.05))  # a moment nobody chose
    worker.kill()


def everything_is_settled() -> bool:
    open_states = ("planned", "claimed", "sending", "uncertain")
    return not Delivery.objects.challenges().filter(status__in=open_states).exists()


def judge(campaign: Campaign, kills: int, mails: int) -> str:
    """Hold the campaign to the promise; its figures."""
    taken = copies(campaign.mail)
    challenges = set(Delivery.objects.challenges().values_list("message_id", flat=True))
    repeated = sum(count - 1 for count in taken.values())
    assert statuses() == {"sent": mails, "planned": mails}
    assert taken.keys() == challenges
    assert repeated <= kills
    assert max(taken.values()) <= 2
    assert Delivery.objects.count() == 2 * mails
    most = max(taken.values())
    return f"{mails} mails, {kills} kills: 0 lost, {repeated} repeated, {most} copies at most"


def test_a_worker_killed_mid_batch_loses_nothing_and_repeats_at_most_one_mail(begin, show):
    campaign = begin(MAIL_LEASE_S=5)
    planned_challenges(300)
    campaign.tick_every_second()
    campaign.mail.behave({"at": "data", "do": "wait", "seconds": 0.005})
    campaign.beat()
    worker = campaign.worker()

    kill_while_sending(campaign, worker, at_least=75)
    held = statuses()
    worker.start()
    until(everything_is_settled, within_s=60)

    assert held.get("sending", 0) <= 1
    assert held["claimed"] > 0
    show(f"P1 (short) {judge(campaign, kills=1, mails=300)}")


@pytest.mark.faults
def test_10_000_deliveries_survive_20_kills(begin, show):
    campaign = begin(MAIL_LEASE_S=5)
    planned_challenges(10_000)
    campaign.tick_every_second()
    campaign.beat()
    worker = campaign.worker(concurrency=2)

    for _ in range(20):
        kill_while_sending(campaign, worker, at_least=random.randint(1, 250))
        worker.start()
    until(everything_is_settled, within_s=300)

    show(f"P1 {judge(campaign, kills=20, mails=10_000)}")
