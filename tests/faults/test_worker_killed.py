"""P1: no delivery is lost to a crash, and at most one mail a crash is repeated."""

import random

import pytest
from django.db import connection

from tests.faults.campaign import (
    PATIENCE_S,
    everything_is_settled,
    kill_while_sending,
    repeated,
    statuses,
)
from tests.faults.crowd import planned_challenges
from tests.waiting import until

SLOW = {"at": "data", "do": "wait", "seconds": 0.005}


def waits_for_the_disk():
    """PostgreSQL's answer to whether what it calls committed is on the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        return cursor.fetchone()[0]


def test_a_worker_killed_mid_batch_loses_nothing_and_repeats_at_most_one_mail(begin, show):
    campaign = begin(pipelining=False)
    planned_challenges(300)
    campaign.tick_every_second()
    campaign.mail.behave(SLOW)
    campaign.beat()
    worker = campaign.worker()

    kill_while_sending(campaign, worker, after=75)
    held = statuses()
    worker.start()
    until(everything_is_settled, within_s=PATIENCE_S)

    assert held.get("sending", 0) <= 1
    assert held["claimed"] > 0
    again, fsync = repeated(campaign.mail), waits_for_the_disk()
    assert again <= 1
    assert fsync == "on"
    show(f"P1   300 mails, the worker killed once, fsync {fsync}: 0 lost, {again} repeated")


@pytest.mark.faults
def test_a_pool_process_killed_alone_loses_nothing_and_repeats_at_most_one_mail(begin, show):
    campaign = begin()
    planned_challenges(200)
    campaign.tick_every_second()
    campaign.mail.behave(SLOW)
    campaign.beat()
    worker = campaign.worker()

    until(lambda: campaign.mail.taken_count() >= 75, within_s=PATIENCE_S)
    assert worker.kill_a_child()
    until(everything_is_settled, within_s=PATIENCE_S)

    again = repeated(campaign.mail)
    assert again <= 1
    assert worker.process.poll() is None
    show(f"P1   200 mails, a pool process killed once: 0 lost, {again} repeated")


@pytest.mark.faults
def test_10_000_deliveries_survive_20_kills(begin, show):
    campaign = begin()
    planned_challenges(10_000)
    campaign.tick_every_second()
    campaign.beat()
    workers = [campaign.worker(), campaign.worker()]

    for _ in range(20):
        worker = random.choice(workers)
        kill_while_sending(campaign, worker, after=random.randint(1, 250))
        worker.start()
    until(everything_is_settled, within_s=2 * PATIENCE_S)

    again, fsync = repeated(campaign.mail), waits_for_the_disk()
    assert again <= 20
    assert fsync == "on"
    show(
        f"P1   10,000 mails, one of two workers killed 20 times, fsync {fsync}: "
        f"0 lost, {again} repeated once"
    )
