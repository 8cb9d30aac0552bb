"""Staff sends a mail again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.core.errors import ConflictError
from apps.mail.models import OutboundMail
from apps.mail.sending import send_due
from apps.mail.services import suppress
from apps.mail.staff_actions import resend
from apps.notifications.models import Delivery
from apps.notifications.services import plan_due
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    ProblemFactory,
    SubscriptionFactory,
    UserFactory,
)

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)
ARMED = {"attempts": 6, "message_id": "<first@challenge.example>"}
# Not as delivered as it should be.
STATES = {
    "failed": {"status": "failed", "last_code": "550", **ARMED},
    "uncertain": {"status": "uncertain", "uncertain_count": 1, "not_before": NOON, **ARMED},
    "bounced": {"status": "bounced", "sent_at": NOON, **ARMED},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("state", STATES)
def test_a_mail_that_did_not_arrive_is_sent_again_under_its_message_id(mail_server, state):
    delivery = DeliveryFactory(**STATES[state])

    resend(row=delivery, by=UserFactory())

    assert send_due() == {"sent": 1}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("sent", 7)
    assert mail_server.mails()[0]["Message-ID"] == ARMED["message_id"]
    assert Delivery.objects.filter(kind="solution", status="planned").count() == 1


def test_a_sender_is_woken(mail_server, monkeypatch):
    woken = []
    monkeypatch.setattr("apps.mail.staff_actions.enqueue", woken.append)

    resend(row=DeliveryFactory(**STATES["failed"]), by=None)

    assert woken == ["emails.send_batch"]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "planned"},
        {"status": "sent", "sent_at": NOON, **ARMED},
        {"status": "delivered", "sent_at": NOON, **ARMED},
        {"status": "complained", "sent_at": NOON, **ARMED},
        {"status": "cancelled"},
    ],
    ids=lambda columns: columns["status"],
)
def test_what_arrived_or_is_on_its_way_or_was_called_off_is_not_sent_again(columns):
    delivery = DeliveryFactory(**columns)

    with pytest.raises(ConflictError, match="arrived, or is on its way") as caught:
        resend(row=delivery, by=None)

    delivery.refresh_from_db()
    assert caught.value.code == "not_resendable"
    assert delivery.status == columns["status"]


def pause(delivery):
    delivery.subscription.status, delivery.subscription.next_delivery_at = "paused", None
    delivery.subscription.save()


def archive(delivery):
    delivery.problem.status = "archived"
    delivery.problem.save()


def suppress_reader(delivery):
    suppress(address=delivery.subscription.user.email, kind="bounce")


@pytest.mark.parametrize("event", [pause, archive, suppress_reader])
def test_what_could_not_be_sent_now_either_is_left_as_it_is(event):
    delivery = DeliveryFactory(**STATES["failed"])
    event(delivery)

    with pytest.raises(ConflictError, match="not wanted any more"):
        resend(row=delivery, by=None)

    delivery.refresh_from_db()
    assert delivery.status == "failed"


def test_a_challenge_waits_for_no_other_one_that_is_on_its_way():
    subscription = SubscriptionFactory()
    failed = DeliveryFactory(subscription=subscription, **STATES["failed"])
    DeliveryFactory(subscription=subscription, slot=2)

    with pytest.raises(ConflictError, match="Another challenge"):
        resend(row=failed, by=None)


def test_a_stale_challenge_takes_the_place_of_the_next(mail_server, clock):
    ProblemFactory.create_batch(2)
    subscription = SubscriptionFactory(next_delivery_at=NOON + timedelta(hours=20))
    failed = DeliveryFactory(
        subscription=subscription, due_at=NOON - timedelta(days=2), **STATES["failed"]
    )

    resend(row=failed, by=None)
    plan_due()
    at_once = send_due()
    clock.shift(timedelta(hours=20))
    plan_due()
    next_hour = send_due()

    assert (at_once, next_hour) == ({}, {"sent": 1})
    sent = Delivery.objects.challenges().get()
    assert (sent.pk, sent.slot, sent.due_at) == (failed.pk, 1, NOON + timedelta(hours=20))


def failed_solution(**challenge):
    """Of a challenge that went out once, or seemed to."""
    first = DeliveryFactory(
        problem__solution="Because.", due_at=NOON - timedelta(days=1), **challenge
    )
    return DeliveryFactory(
        subscription=first.subscription, problem=first.problem, kind="solution", **STATES["failed"]
    )


@pytest.mark.parametrize("columns", [STATES["failed"], {"status": "cancelled"}])
def test_a_solution_without_its_challenge_is_refused_and_stays_as_it_is(mail_server, columns):
    solution = failed_solution(**columns)

    with pytest.raises(ConflictError, match="Its challenge did not go out") as caught:
        resend(row=solution, by=None)

    assert send_due() == {}
    solution.refresh_from_db()
    assert (solution.status, caught.value.code) == ("failed", "not_resendable")


@pytest.mark.parametrize("state", ["sent", "bounced", "uncertain"])
def test_a_solution_whose_challenge_may_have_arrived_is_sent_again(mail_server, state):
    arrived = {"status": state, "sent_at": NOON, **ARMED}
    solution = failed_solution(**(STATES["uncertain"] if state == "uncertain" else arrived))

    resend(row=solution, by=None)

    solution.refresh_from_db()
    assert solution.status == "planned"


def test_a_stale_solution_leaves_before_the_next_challenge(mail_server, clock):
    solution = failed_solution(status="sent", sent_at=NOON - timedelta(days=3), **ARMED)
    Delivery.objects.filter(pk=solution.pk).update(due_at=NOON - timedelta(days=2))
    solution.subscription.next_delivery_at = NOON + timedelta(hours=20)
    solution.subscription.save()
    clock.move_to(NOON + timedelta(hours=12))

    resend(row=solution, by=None)
    plan_due()
    at_once = send_due()
    clock.shift(timedelta(hours=7, minutes=59))
    next_hour = send_due()

    assert (at_once, next_hour) == ({}, {"sent": 1})
    solution.refresh_from_db()
    assert (solution.status, solution.due_at) == ("sent", NOON + timedelta(hours=19, minutes=59))


def test_an_account_mail_is_sent_again_until_it_expires(mail_server):
    fresh = OutboundMailFactory(**STATES["failed"])
    old = OutboundMailFactory(expires_at=timezone.now(), **STATES["failed"])

    resend(row=fresh, by=None)
    with pytest.raises(ConflictError, match="expired"):
        resend(row=old, by=None)

    assert send_due() == {"sent": 1}
    assert set(OutboundMail.objects.values_list("pk", "status")) == {
        (fresh.pk, "sent"),
        (old.pk, "failed"),
    }
