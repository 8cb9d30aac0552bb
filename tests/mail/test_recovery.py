"""What becomes of rows whose sender died, step by step."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.core.models import Alert
from apps.mail import ledger
from apps.mail.account_outbox import AccountOutbox
from apps.mail.ledger import Attempt
from apps.mail.models import OutboundMail
from apps.mail.recovery import recover
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from tests.factories import DeliveryFactory, OutboundMailFactory

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)
DELIVERIES = DeliveryOutbox()
LEASE = timedelta(minutes=5)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def claim_and_die():
    """A sender claims what is due, and is never heard of again."""
    return ledger.claim(DELIVERIES, limit=50)


def arm_and_die():
    batch = claim_and_die()
    ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))


def statuses():
    return list(Delivery.objects.challenges().order_by("id").values_list("status", flat=True))


def test_within_its_lease_a_row_is_left_alone(clock):
    DeliveryFactory.create_batch(2)
    arm_and_die()
    clock.shift(LEASE - timedelta(seconds=1))

    recover(DELIVERIES)

    assert sorted(statuses()) == ["claimed", "sending"]


def test_claimed_but_never_armed_it_is_planned_again_to_be_claimed_alone(clock):
    delivery = DeliveryFactory()
    claim_and_die()
    clock.shift(LEASE)

    recover(DELIVERIES)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.solo_claims, delivery.attempts) == ("planned", 1, 0)
    assert (delivery.lease_until, delivery.lease_owner) == (None, None)


def test_armed_it_is_uncertain(clock):
    delivery = DeliveryFactory()
    arm_and_die()
    clock.shift(LEASE)

    recover(DELIVERIES)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.uncertain_count) == ("uncertain", 1, 1)
    assert (delivery.not_before, delivery.last_code) == (
        NOON + LEASE + timedelta(minutes=10),
        "died",
    )
    assert Delivery.objects.filter(kind="solution", status="planned").count() == 1


def test_uncertain_it_is_sent_once_more_after_ten_quiet_minutes_and_never_again(clock):
    DeliveryFactory()
    arm_and_die()
    clock.shift(LEASE)
    recover(DELIVERIES)

    clock.shift(timedelta(minutes=10) - timedelta(seconds=1))
    recover(DELIVERIES)
    quiet = statuses()
    clock.shift(timedelta(seconds=1))
    recover(DELIVERIES)
    over = statuses()
    arm_and_die()
    clock.shift(LEASE)
    recover(DELIVERIES)
    clock.shift(timedelta(days=1))
    recover(DELIVERIES)

    assert (quiet, over, statuses()) == (["uncertain"], ["planned"], ["failed"])
    delivery = Delivery.objects.challenges().get()
    assert (delivery.attempts, delivery.uncertain_count) == (2, 2)


def test_a_row_that_is_there_whenever_a_worker_dies_fails_after_three_claims_alone(clock):
    delivery = DeliveryFactory()
    claim_and_die()

    for _ in range(3):
        clock.shift(LEASE)
        recover(DELIVERIES)
        assert [row.pk for row in ledger.claim_suspect(DELIVERIES).rows] == [delivery.pk]
    clock.shift(LEASE)
    recover(DELIVERIES)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_code, delivery.attempts) == ("failed", "poison", 0)
    alert = Alert.objects.get(kind="mail_poison", key="delivery")
    assert alert.detail == {"rows": [delivery.pk]}


def test_a_suspect_that_gets_armed_is_none_any_more(clock):
    delivery = DeliveryFactory(solo_claims=2)
    batch = ledger.claim_suspect(DELIVERIES)

    ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))

    delivery.refresh_from_db()
    assert delivery.solo_claims == 0


def test_a_clock_set_back_keeps_nothing_waiting_longer_than_usual(clock):
    held, quiet = DeliveryFactory.create_batch(2)
    claim_and_die()
    Delivery.objects.filter(pk=quiet.pk).update(
        status="uncertain",
        uncertain_count=1,
        attempts=1,
        message_id="<m@x>",
        not_before=NOON + timedelta(minutes=10),
        **ledger.UNLEASED,
    )
    clock.shift(-timedelta(hours=3))

    recover(DELIVERIES)

    held.refresh_from_db()
    quiet.refresh_from_db()
    early = NOON - timedelta(hours=3)
    assert (held.status, held.lease_until) == ("claimed", early + LEASE)
    assert (quiet.status, quiet.not_before) == ("uncertain", early + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [(1, timedelta(seconds=72)), (2, timedelta(minutes=6)), (5, timedelta(minutes=216))],
)
def test_a_clock_set_back_holds_nothing_back_longer_than_its_attempts_justify(
    clock, attempts, longest
):
    now = NOON - timedelta(hours=6)
    waits = (longest, longest + timedelta(minutes=1), longest + timedelta(minutes=2))
    lawful, skewed, ahead = (
        DeliveryFactory(attempts=attempts, not_before=now + wait, due_at=now) for wait in waits
    )
    not_due = DeliveryFactory(attempts=1, not_before=NOON, due_at=now + timedelta(hours=1))
    clock.move_to(now)

    recover(DELIVERIES)

    held = dict(Delivery.objects.values_list("pk", "not_before"))
    assert held == {
        lawful.pk: now + longest,
        skewed.pk: now + waits[1],
        ahead.pk: now + longest,
        # It is looked at once it is due.
        not_due.pk: NOON,
    }


def test_a_row_that_was_tried_more_often_than_ever_waits_no_longer_than_the_longest(clock):
    delivery = DeliveryFactory(attempts=9, not_before=NOON + timedelta(days=1))

    recover(DELIVERIES)

    delivery.refresh_from_db()
    assert delivery.not_before == NOON + timedelta(minutes=216)


def test_an_account_mail_of_a_clock_that_was_ahead_is_due_at_once(clock):
    ahead = OutboundMailFactory()
    early = NOON - timedelta(hours=3)
    clock.move_to(early + timedelta(seconds=50))
    of_another_machine = OutboundMailFactory()
    clock.move_to(early)

    AccountOutbox().expire(early)

    due = dict(OutboundMail.objects.values_list("pk", "due_at"))
    assert due == {ahead.pk: early, of_another_machine.pk: early + timedelta(seconds=50)}


def test_recovering_twice_changes_nothing_more(clock):
    DeliveryFactory.create_batch(3)
    arm_and_die()
    clock.shift(LEASE)
    recover(DELIVERIES)
    before = list(Delivery.objects.order_by("id").values())

    recover(DELIVERIES)

    assert list(Delivery.objects.order_by("id").values()) == before


def test_recovering_takes_the_same_statements_for_any_number_of_claimed_rows(
    clock, django_assert_num_queries
):
    def statements():
        clock.shift(LEASE)
        with django_assert_num_queries(22):
            recover(DELIVERIES)

    DeliveryFactory()
    claim_and_die()
    statements()
    Delivery.objects.update(solo_claims=0)
    DeliveryFactory.create_batch(4)
    claim_and_die()
    statements()
