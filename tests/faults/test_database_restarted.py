"""P28: an immediate restart of the database, as after a crash, is survived."""

import signal
import time

import pytest
from django.db import DatabaseError, InterfaceError, connection

from tests.faults.campaign import PATIENCE_S, everything_is_settled, repeated
from tests.faults.crowd import planned_challenges
from tests.waiting import until


def settled_again():
    """Whether all is settled, asked of a database that may just be coming back."""
    try:
        return everything_is_settled()
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def crash(campaign, postgres, after):
    begun = campaign.mail.taken_count()
    until(lambda: campaign.mail.taken_count() >= begun + after, within_s=PATIENCE_S)
    postgres.restart(signal.SIGQUIT)
    connection.close()


def run(begin, postgres, mails, crashes):
    campaign = begin(MAIL_DATABASE_WAIT_S=30)
    planned_challenges(mails)
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker()
    for _ in range(crashes):
        crash(campaign, postgres, after=mails // (crashes + 2))
    began = time.monotonic()
    until(settled_again, within_s=2 * PATIENCE_S)
    again = repeated(campaign.mail)
    assert again <= crashes
    return f"0 lost, {again} repeated, settled {time.monotonic() - began:.0f} s after the last"


def test_a_crash_of_the_database_loses_nothing_and_repeats_at_most_one_mail(begin, postgres, show):
    figures = run(begin, postgres, mails=300, crashes=1)

    show(f"P28  300 mails, the database crashed once: {figures}")


@pytest.mark.faults
def test_2_000_mails_survive_five_crashes_of_the_database(begin, postgres, show):
    figures = run(begin, postgres, mails=2000, crashes=5)

    show(f"P28  2,000 mails, the database crashed 5 times: {figures}")
