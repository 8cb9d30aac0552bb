from datetime import UTC, datetime, timedelta

import pytest

from apps.mail.models import OutboundMail
from apps.mail.queue_state import minutes_before, standings, throughputs
from apps.notifications.models import Delivery
from tests.factories import DeliveryFactory, OutboundMailFactory, SentDeliveryFactory

NOW = datetime(2026, 11, 23, 12, 30, 30, tzinfo=UTC)
LEASE = {"lease_until": NOW, "lease_owner": "00000000-0000-0000-0000-000000000001"}

pytestmark = pytest.mark.django_db


def standing_of(model):
    return next(standing for standing in standings(NOW) if standing.model is model)


def throughput_of(model):
    outboxes = zip(standings(NOW), throughputs(NOW), strict=True)
    return next(throughput for standing, throughput in outboxes if standing.model is model)


def test_what_is_not_over_is_counted_by_status():
    DeliveryFactory(due_at=NOW - timedelta(minutes=5))
    DeliveryFactory(due_at=NOW - timedelta(minutes=9), not_before=NOW + timedelta(minutes=1))
    DeliveryFactory(due_at=NOW + timedelta(minutes=1))
    DeliveryFactory(due_at=NOW, status="claimed", **LEASE)
    DeliveryFactory(due_at=NOW, status="sending", attempts=1, message_id="<1@x>", **LEASE)
    DeliveryFactory(
        due_at=NOW,
        status="uncertain",
        attempts=1,
        message_id="<2@x>",
        uncertain_count=1,
        not_before=NOW,
    )
    SentDeliveryFactory(due_at=NOW)

    found = standing_of(Delivery)

    assert (found.due, found.planned, found.claimed, found.sending, found.uncertain) == (
        1,
        3,
        1,
        1,
        1,
    )
    assert found.oldest_due_at == NOW - timedelta(minutes=5)


def test_what_cannot_leave_is_not_due():
    # After 13 hours of outage: the challenge waits to be given its reader's next hour, its like of
    # an hour ago can go, and a solution waits for its challenge.
    thirteen_hours_ago = NOW - timedelta(hours=13)
    DeliveryFactory(due_at=thirteen_hours_ago)
    DeliveryFactory(due_at=NOW - timedelta(hours=1))
    waiting = DeliveryFactory(due_at=NOW + timedelta(hours=1))
    gone = SentDeliveryFactory(due_at=NOW - timedelta(days=1))
    for challenge, hours in ((waiting, 5), (gone, 2)):
        DeliveryFactory(
            subscription=challenge.subscription,
            problem=challenge.problem,
            slot=challenge.slot,
            kind="solution",
            due_at=NOW - timedelta(hours=hours),
        )
    OutboundMailFactory(due_at=thirteen_hours_ago, expires_at=NOW - timedelta(hours=1))

    found, of_accounts = standing_of(Delivery), standing_of(OutboundMail)

    assert (found.planned, found.due, found.oldest_due_at) == (5, 2, NOW - timedelta(hours=2))
    assert (of_accounts.planned, of_accounts.due, of_accounts.oldest_due_at) == (1, 0, None)


def test_an_empty_outbox_stands_at_nought():
    found = standing_of(OutboundMail)

    assert (found.title, found.due, found.planned, found.uncertain, found.oldest_due_at) == (
        "outbound mails",
        0,
        0,
        0,
        None,
    )
    assert throughput_of(OutboundMail).per_minute == [0] * 60


def test_what_was_sent_is_counted_by_the_minute_for_an_hour():
    for sent_at in (
        NOW,  # this minute is not over
        NOW - timedelta(seconds=31),
        NOW - timedelta(seconds=89),
        NOW - timedelta(minutes=60),
        NOW - timedelta(minutes=61),
    ):
        SentDeliveryFactory(due_at=sent_at, sent_at=sent_at)

    found = throughput_of(Delivery)

    assert (found.sent_last_minute, found.sent_last_hour) == (2, 3)
    assert found.per_minute == [1, *[0] * 58, 2]


def test_what_went_wrong_is_counted_for_a_day():
    SentDeliveryFactory(due_at=NOW - timedelta(hours=23), status="failed", sent_at=None)
    SentDeliveryFactory(due_at=NOW - timedelta(hours=23), status="bounced")
    SentDeliveryFactory(due_at=NOW - timedelta(hours=25), status="failed", sent_at=None)

    assert throughput_of(Delivery).failed == 2


def test_the_minutes_are_the_sixty_that_have_just_ended():
    minutes = list(minutes_before(NOW))

    assert (len(minutes), minutes[0], minutes[-1]) == (
        60,
        datetime(2026, 11, 23, 11, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 12, 29, tzinfo=UTC),
    )


def test_each_outbox_takes_three_queries(django_assert_num_queries):
    OutboundMailFactory()
    SentDeliveryFactory()

    with django_assert_num_queries(6):
        standings(NOW)
        throughputs(NOW)
