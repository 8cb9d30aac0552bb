"""P12: after an outage everybody gets one challenge or none, never a backlog."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from apps.mail import ledger
from apps.mail.sending import send_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.outbox import DeliveryOutbox
from apps.notifications.services import plan_due
from config.connections import mail_transport_from_url
from tests.factories import OutboundMailFactory, ProblemFactory, SubscriptionFactory

# The platform goes down just before the hour of its readers.
DOWN_AT = datetime(2027, 5, 5, 7, 50, tzinfo=UTC)
HOUR = time(8)


@pytest.fixture
def campaign(begin, settings):
    campaign = begin()
    settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{campaign.mail.port}")
    # These runs take no time by the clock that stands still.
    ProblemFactory.create_batch(10)
    SubscriptionFactory.create_batch(
        20,
        delivery_time=HOUR,
        activated_at=DOWN_AT - timedelta(days=1),
        next_delivery_at=DOWN_AT.replace(hour=8, minute=0),
    )
    return campaign


def tick():
    plan_due()
    send_due()


@pytest.mark.parametrize(
    ("outage", "at_once", "a_day_later"),
    [
        (timedelta(hours=1), 1, 1),
        (timedelta(hours=11), 1, 1),
        (timedelta(hours=13), 0, 1),
        (timedelta(days=3), 0, 1),
        (timedelta(days=3, hours=1), 1, 1),
    ],
    ids=["1 h", "11 h", "13 h", "3 days, before the hour", "3 days, after the hour"],
)
def test_an_outage_is_followed_by_one_challenge_or_none(
    campaign, outage, at_once, a_day_later, show
):
    readers = Subscription.objects.count()
    with time_machine.travel(DOWN_AT, tick=False) as clock:
        tick()
        assert campaign.mail.taken_count() == 0
        clock.shift(outage)
        for _ in range(3):
            tick()
            clock.shift(timedelta(seconds=30))
        first = Delivery.objects.challenges().filter(status="sent").count()
        # The next hour of the readers, whatever day it is.
        clock.move_to(next_hour_after(DOWN_AT + outage + timedelta(minutes=2)))
        tick()
        second = Delivery.objects.challenges().filter(status="sent").count() - first

    assert (first, second) == (at_once * readers, a_day_later * readers)
    by_reader = Delivery.objects.challenges().values_list("subscription", "problem")
    assert len(set(by_reader)) == len(by_reader)
    show(f"P12  down {outage}: {first // readers} challenge at once, {second // readers} next hour")


def next_hour_after(moment):
    hour = moment.replace(hour=HOUR.hour, minute=0, second=0, microsecond=0)
    return hour if hour > moment else hour + timedelta(days=1)


@pytest.mark.parametrize(
    ("held_up", "at_once"),
    [(timedelta(hours=13), 0), (timedelta(days=1, hours=20), 0), (timedelta(days=2), 1)],
    ids=["13 h", "44 h, before the hour", "2 days, just after the hour"],
)
def test_what_was_planned_before_the_outage_takes_the_place_of_the_next(
    campaign, held_up, at_once, show
):
    readers = Subscription.objects.count()
    planned_at = DOWN_AT + timedelta(minutes=11)
    with time_machine.travel(planned_at, tick=False) as clock:
        plan_due()
        problems = dict(Delivery.objects.values_list("subscription", "problem"))
        clock.shift(held_up)
        tick()
        first = campaign.mail.taken_count()
        if not at_once:
            clock.move_to(next_hour_after(planned_at + held_up))
            tick()

    rows = Delivery.objects.challenges()
    assert first == at_once * readers
    assert dict(rows.values_list("subscription", "problem")) == problems
    assert set(rows.values_list("status", "slot")) == {("sent", 1)}
    assert campaign.mail.taken_count() == readers
    show(f"P12  planned, then held up {held_up}: the same problem at the next hour, once")


@pytest.mark.parametrize(
    ("outage", "at_once"),
    [
        (timedelta(hours=11), ["solution", "challenge"]),
        (timedelta(hours=13), []),
        (timedelta(days=3), []),
        (timedelta(days=3, hours=1), ["solution", "challenge"]),
    ],
    ids=["11 h", "13 h", "3 days, before the hour", "3 days, after the hour"],
)
def test_a_solution_held_up_by_an_outage_comes_before_the_next_challenge(
    campaign, outage, at_once, show
):
    readers = Subscription.objects.count()
    with time_machine.travel(DOWN_AT + timedelta(minutes=11), tick=False) as clock:
        tick()
        first = dict(Delivery.objects.values_list("subscription", "problem"))
        down_at = DOWN_AT + timedelta(days=1)
        clock.move_to(down_at + outage)
        for _ in range(3):
            tick()
            clock.shift(timedelta(seconds=20))
        taken = [kind for kind, _ in sent_since(down_at)]
        clock.move_to(next_hour_after(down_at + outage + timedelta(minutes=2)))
        tick()
        both = sent_since(down_at)

    assert taken == [kind for kind in at_once for _ in range(readers)]
    solutions = [(reader, slot) for kind, (reader, slot) in both if kind == "solution"]
    assert sorted(solutions) == sorted(
        (reader, slot) for reader in first for slot in ([1, 2] if at_once else [1])
    )
    challenges = [reader for kind, (reader, _) in both if kind == "challenge"]
    assert len(challenges) == readers * (2 if at_once else 1)
    inversions = [
        reader
        for reader in first
        if both.index(("solution", (reader, 1))) > both.index(("challenge", (reader, 2)))
    ]
    assert inversions == []
    assert (
        not Delivery.objects.filter(kind="solution", due_at__lte=down_at + outage)
        .exclude(status="sent")
        .exists()
    )
    show(f"P12  solutions held up {outage}: each once, before the next challenge, 0 inversions")


def sent_since(moment):
    """Kind, and reader and slot, of what has been sent since then, in the order of leaving."""
    sent = Delivery.objects.filter(status="sent", sent_at__gt=moment)
    rows = sent.order_by("sent_at", "due_at", "id")
    return [
        (kind, (reader, slot))
        for kind, reader, slot in rows.values_list("kind", "subscription", "slot")
    ]


def test_a_clock_that_was_three_hours_ahead_and_is_set_right_repeats_and_loses_nothing(
    campaign, show
):
    readers = Subscription.objects.count()
    at_eight = DOWN_AT.replace(hour=8, minute=0)
    with time_machine.travel(DOWN_AT + timedelta(hours=3), tick=False) as clock:
        tick()
        early = campaign.mail.taken_count()
        # A worker that died while the clock was wrong holds what is due next.
        late_reader = SubscriptionFactory(next_delivery_at=at_eight, activated_at=DOWN_AT)
        plan_due()
        ledger.claim(DeliveryOutbox(), limit=50)
        clock.move_to(at_eight)
        for _ in range(30):
            tick()
            clock.shift(timedelta(seconds=30))
        of_today = campaign.mail.taken_count()
        clock.move_to(at_eight + timedelta(days=1))
        tick()

    sent = Delivery.objects.challenges().filter(status="sent")
    assert (early, of_today) == (readers, readers + 1)
    assert sent.filter(subscription=late_reader).exists()
    assert sent.count() == 2 * (readers + 1)
    assert not Delivery.objects.challenges().exclude(status="sent").exists()
    show("P12  the clock 3 h ahead, then set right: one challenge a day, 0 repeated, 0 held up")


def test_what_was_put_off_while_the_clock_was_ahead_waits_minutes_and_not_hours(campaign, show):
    readers = Subscription.objects.count()
    with time_machine.travel(DOWN_AT + timedelta(hours=3), tick=False) as clock:
        campaign.mail.behave({"at": "rcpt", "do": "451 later"})
        tick()
        put_off = Delivery.objects.challenges().filter(status="planned", attempts=1).count()
        campaign.mail.behave()
        OutboundMailFactory()
        # What was due by the wrong clock is due by the right one as well.
        at_eight = DOWN_AT.replace(hour=8, minute=0)
        clock.move_to(at_eight)
        ticks = 0
        while campaign.mail.taken_count() < readers + 1 and ticks < 60:
            tick()
            clock.shift(timedelta(seconds=30))
            ticks += 1

    minutes = ticks / 2
    assert put_off == readers
    assert campaign.mail.taken_count() == readers + 1
    assert minutes <= 3
    show(
        f"P12  put off while the clock was 3 h ahead: all sent {minutes:.0f} min after it is right"
    )
