"""P4: losing the broker is harmless."""

import signal
import time

import pytest
import redis

from tests.faults.campaign import PATIENCE_S, everything_is_settled, repeated
from tests.faults.crowd import planned_challenges
from tests.waiting import until


def wait_for_more(campaign, count):
    begun = campaign.mail.taken_count()
    until(
        lambda: campaign.mail.taken_count() >= begun + count or everything_is_settled(),
        within_s=PATIENCE_S,
    )


def flush(campaign):
    with redis.Redis.from_url(campaign.broker.server.url) as client:
        client.flushall()


def kill(campaign):
    campaign.broker.restart(signal.SIGKILL)


def freeze(campaign):
    campaign.broker.freeze()
    # Longer than a worker waits for an answer.
    time.sleep(7)
    campaign.broker.thaw()


def lose_broker(campaign, ways, between):
    """Lose it in these ways while mail is being sent; the moment it was last back."""
    for way in ways:
        wait_for_more(campaign, between)
        way(campaign)
    return time.monotonic()


@pytest.mark.faults
def test_a_broker_flushed_killed_and_frozen_loses_and_repeats_nothing(begin, show):
    campaign = begin(MAIL_RUN_S=2)
    planned_challenges(600)
    campaign.mail.behave({"at": "data", "do": "wait", "seconds": 0.01})
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker()

    lose_broker(campaign, (flush, kill, freeze), between=60)
    until(everything_is_settled, within_s=PATIENCE_S)

    assert repeated(campaign.mail) == 0
    show("P4   600 mails, the broker flushed, killed and frozen: 0 lost, 0 repeated")


@pytest.mark.faults
def test_5_000_mails_survive_a_broker_that_is_flushed_and_killed_five_times(begin, show):
    # Short runs, so that the broker is needed all the time.
    campaign = begin(MAIL_RUN_S=2)
    planned_challenges(5000)
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker(), campaign.worker()

    back = lose_broker(campaign, (flush, kill) * 5, between=300)
    until(everything_is_settled, within_s=2 * PATIENCE_S)
    late = time.monotonic() - back

    assert repeated(campaign.mail) == 0
    last = max(entry["at"] for entry in campaign.mail.taken())
    waited = max(0.0, last - (time.time() - late))
    assert waited <= 120
    show(
        "P4   5,000 mails, the broker flushed and killed 5 times: 0 lost, 0 repeated, "
        f"the last one {waited:.0f} s after it was back"
    )
