"""P26: a worker that is asked to end does so soon, and nothing is sent twice for it."""

import signal
import time

from tests.faults.campaign import PATIENCE_S, everything_is_settled, repeated, statuses
from tests.faults.crowd import planned_challenges
from tests.waiting import until


def test_sigterm_while_sending_ends_the_worker_and_leaves_nothing_half_done(begin, show):
    campaign = begin()
    planned_challenges(200)
    campaign.mail.behave({"at": "data", "do": "wait", "seconds": 0.05})
    campaign.tick_every_second()
    campaign.beat()
    worker = campaign.worker()
    until(lambda: campaign.mail.taken_count() >= 20, within_s=PATIENCE_S)

    began = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    code = worker.process.wait(timeout=30)
    seconds = time.monotonic() - began
    left = statuses()
    taken = campaign.mail.taken_count()

    worker.start()
    until(everything_is_settled, within_s=PATIENCE_S)

    assert code == 0
    assert left.keys() == {"sent", "planned"}
    assert left["sent"] == taken < 200
    assert repeated(campaign.mail) == 0
    show(f"P26  SIGTERM after {taken} of 200 mails: ended in {seconds:.1f} s, 0 repeated")
