import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.mail.models import MailboxMessage
from apps.notifications.models import Delivery, Subscription
from apps.notifications.services import unsubscribe
from apps.pages.demo import DemoChallenge, demo_challenge, make_demo
from tests.factories import ProblemFactory

STARTED = datetime(2026, 3, 1, 10, 5, 42, tzinfo=UTC)
DUE = STARTED.replace(second=0)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "http://127.0.0.1:8000"
    make_demo(now=STARTED)
    return Subscription.objects.get()


def deliver(subscription, *, slot=1, sent_at=STARTED, due_at=DUE):
    """A sent challenge, and the number of its mail in the mailbox."""
    message_id = f"<{slot}@example.org>"
    Delivery.objects.create(
        subscription=subscription,
        problem=ProblemFactory(),
        problem_version=1,
        kind="challenge",
        slot=slot,
        local_date=due_at.date(),
        due_at=due_at,
        reason_code="any",
        status="sent",
        attempts=1,
        message_id=message_id,
        sent_at=sent_at,
    )
    Subscription.objects.update(next_delivery_at=due_at + timedelta(days=1))
    message = MailboxMessage.objects.create(
        message_id=message_id, recipient="demo@example.org", subject="A problem", raw=b""
    )
    return f"http://127.0.0.1:8000/mailbox/{message.pk}/"


def test_the_first_one_of_this_run(demo):
    link = deliver(demo)

    found = demo_challenge(since=STARTED, now=STARTED + timedelta(seconds=9))

    assert found == DemoChallenge("first", link=link)


def test_one_of_an_earlier_run_of_the_day(demo):
    link = deliver(demo)

    found = demo_challenge(
        since=STARTED + timedelta(hours=1), now=STARTED + timedelta(hours=1, seconds=5)
    )

    assert found == DemoChallenge("already", link=link)


def test_one_of_a_later_day(demo):
    deliver(demo)
    tomorrow = timedelta(days=1)
    link = deliver(demo, slot=2, sent_at=STARTED + tomorrow, due_at=DUE + tomorrow)

    found = demo_challenge(since=STARTED + tomorrow, now=STARTED + tomorrow)

    assert found == DemoChallenge("already", link=link)


def test_a_later_day_before_its_hour(demo):
    deliver(demo)

    found = demo_challenge(since=STARTED, now=STARTED + timedelta(hours=20))

    assert found.state == "first"

    found = demo_challenge(since=STARTED + timedelta(hours=19), now=STARTED + timedelta(hours=20))

    assert found == DemoChallenge("later", due_at="2026-03-02 10:05 UTC")


def test_somebody_who_has_unsubscribed_is_not_waited_for(demo):
    unsubscribe(user=demo.user, door="manage")

    found = demo_challenge(since=STARTED, now=STARTED + timedelta(days=1))

    assert found == DemoChallenge("none", reason="unsubscribed")


def test_due_and_not_sent():
    assert demo_challenge(since=STARTED, now=STARTED) == DemoChallenge("missing")


def test_a_mail_that_left_by_another_transport_has_no_page(demo):
    deliver(demo)
    MailboxMessage.objects.all().delete()

    assert demo_challenge(since=STARTED, now=STARTED) == DemoChallenge("first")


def test_the_command_prints_json_and_stops_waiting_at_its_deadline():
    out = StringIO()

    call_command("show_demo_challenge", wait=0.2, stdout=out)

    assert json.loads(out.getvalue()) == {
        "state": "missing",
        "link": "",
        "due_at": "",
        "reason": "",
    }


def test_the_command_takes_the_instant_of_the_start(demo):
    link = deliver(demo)
    out = StringIO()

    call_command("show_demo_challenge", "--since", STARTED.isoformat(), stdout=out)

    assert json.loads(out.getvalue())["link"] == link


def test_without_demo_it_refuses(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO"):
        call_command("show_demo_challenge")
