"""P3, P8, P9, P10: what a mail server can do to us."""

import random
import time
from collections import Counter
from statistics import median

import pytest

from apps.core.models import Heartbeat
from apps.mail.sending import send_due
from apps.notifications.models import Delivery
from config.connections import mail_transport_from_url
from tests.faults.campaign import (
    PATIENCE_S,
    everything_is_settled,
    given_up,
    kill_while_sending,
    repeated,
    statuses,
)
from tests.faults.crowd import planned_challenges
from tests.faults.programs import MailServer
from tests.waiting import until

# The pause of a loop that watches something.
BETWEEN_LOOKS_S = 0.1


@pytest.mark.faults
def test_faults_after_data_are_bounded(begin, show):
    campaign = begin()
    planned_challenges(5000)
    campaign.mail.behave(
        {"at": "dot", "do": "451 later", "share": 0.01},
        {"at": "taken", "do": "drop", "share": 0.005},
    )
    campaign.tick_every_second()
    campaign.beat()
    workers = [campaign.worker(), campaign.worker()]

    for _ in range(20):
        worker = random.choice(workers)
        kill_while_sending(campaign, worker, after=random.randint(1, 120))
        worker.start()
    over = Delivery.objects.filter(status__in=["sent", "failed"])
    until(lambda: over.count() >= 4900, within_s=2 * PATIENCE_S)
    followed = campaign.mail.behave()
    until(everything_is_settled, within_s=PATIENCE_S)

    drops, refusals = followed["taken drop"], followed["dot 451 later"]
    again, left = repeated(campaign.mail), given_up()
    assert refusals > 0
    assert again <= drops + 20
    # A mail is given up after the second drop or kill that it met.
    assert 2 * left <= drops + 20
    show(
        f"P3   5,000 mails, {refusals} times 451, {drops} drops, 20 kills: 0 lost, "
        f"{again} repeated, {left} of them twice uncertain and so failed"
    )


def seconds_for(count, bad, prefix):
    """How long one run takes for so many good mails and so many that always get 451."""
    planned_challenges(bad, f"bad{prefix}")
    planned_challenges(count, f"good{prefix}")
    began = time.monotonic()
    send_due()
    seconds = time.monotonic() - began
    left = Delivery.objects.filter(status="planned", kind="challenge")
    assert left.count() == bad
    left.update(status="cancelled")
    return seconds


@pytest.mark.faults
def test_fifty_that_are_always_put_off_delay_nobody(begin, settings, show):
    campaign = begin()
    settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{campaign.mail.port}")
    campaign.mail.behave({"at": "rcpt", "do": "451 later", "to": "^bad"})
    seconds_for(200, 0, "first")
    ratios = []

    for n in range(5):
        without = seconds_for(2000, 0, f"a{n}")
        ratios.append(seconds_for(2000, 50, f"b{n}") / without)

    assert median(ratios) <= 1.2
    show(
        f"P8   50 rows that always get 451 among 2,000: {median(ratios):.2f} times the time without"
    )


def test_550_is_one_attempt_and_451_the_backoff_and_then_the_end(begin, show):
    campaign = begin(MAIL_BACKOFF_S=[0.1, 0.1, 0.1, 0.1, 0.1])
    planned_challenges(10, "gone")
    planned_challenges(10, "later")
    planned_challenges(10, "fine")
    campaign.mail.behave(
        {"at": "rcpt", "do": "550 nobody", "to": "^gone"},
        {"at": "rcpt", "do": "451 later", "to": "^later"},
    )
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker()

    until(everything_is_settled, within_s=PATIENCE_S)

    followed = campaign.mail.behave()
    rows = Delivery.objects.challenges().values_list("status", "attempts", "last_code")
    assert Counter(rows) == {
        ("failed", 1, "550"): 10,
        ("failed", 6, "451"): 10,
        ("sent", 1, "250"): 10,
    }
    assert followed == {"rcpt 550 nobody": 10, "rcpt 451 later": 60}
    show("P9   550: 1 attempt of 1; 451: 6 attempts of 6, then failed")


POSITIONS = ("banner", "ehlo", "rcpt", "taken")
SEND = "emails.send_batch"
# No run takes so long but one that hangs.
LONG_S = 10


@pytest.mark.faults
def test_a_mail_server_that_never_answers_frees_its_slot_in_65_seconds(begin, tmp_path, show):
    campaign = begin(MAIL_BATCH_SIZE=2, MAIL_LEASE_S=300)
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker(queues="default")
    servers = {at: MailServer(tmp_path / f"{at}.jsonl") for at in POSITIONS}
    workers = {at: campaign.worker(queues="emails", mail=server) for at, server in servers.items()}
    until(lambda: all(worker.is_ready() for worker in workers.values()), within_s=PATIENCE_S)
    for at, server in servers.items():
        server.behave({"at": at, "do": "silence", "times": 1})
    planned_challenges(40)

    gaps = gaps_between_heartbeats(
        while_=lambda: any(longest_run(worker) < LONG_S for worker in workers.values())
    )
    until(everything_is_settled, within_s=PATIENCE_S)

    seconds = {at: longest_run(worker) for at, worker in workers.items()}
    copies = Counter(entry["id"] for server in servers.values() for entry in server.taken())
    for server in servers.values():
        server.end()
    assert 15 < min(seconds.values()) <= max(seconds.values()) <= 65
    assert max(gaps) < 10
    assert statuses() == {"sent": 40, "planned": 40}
    # The mail that was taken without a word is sent once more; what waited behind others is not.
    assert sorted(copies.values()) == [1] * 39 + [2]
    told = ", ".join(f"{at} {seconds[at]:.0f} s" for at in POSITIONS)
    show(f"P10  slot free after: {told}; queue default beat every {max(gaps):.1f} s at most")


def longest_run(worker):
    return max(worker.runs_of(SEND), default=0)


def gaps_between_heartbeats(while_):
    """Seconds between any two signs of life of the queue `default`."""
    beats = Heartbeat.objects.filter(name="queue.default").values_list("beat_at", flat=True)
    beat_at = until(beats.first, within_s=PATIENCE_S)
    gaps, last = [], time.monotonic()
    while while_():
        if (latest := beats.get()) != beat_at:
            now, beat_at = time.monotonic(), latest
            gaps.append(now - last)
            last = now
        time.sleep(BETWEEN_LOOKS_S)
    return [*gaps, time.monotonic() - last]


def test_graceless_repetition_is_never_a_third_copy(begin, show):
    campaign = begin()
    planned_challenges(8)
    campaign.mail.behave({"at": "taken", "do": "drop"})
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker()

    until(everything_is_settled, within_s=PATIENCE_S)

    copies = Counter(entry["id"] for entry in campaign.mail.taken())
    assert set(copies.values()) == {2}
    assert (repeated(campaign.mail), given_up()) == (8, 8)
    show("P3   8 mails whose server always drops after taking them: 2 copies each, then failed")
