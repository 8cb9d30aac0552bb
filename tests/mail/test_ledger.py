"""The transitions of an outbox row, one by one, and what holds them back."""

import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from apps.mail import ledger
from apps.mail.account_outbox import AccountOutbox
from apps.mail.ledger import Attempt
from apps.mail.models import OutboundMail, SendingSwitch
from apps.mail.services import suppress, turn_sending_off
from apps.mail.transports import Outcome, Verdict
from apps.notifications.models import Delivery, Subscription
from apps.notifications.outbox import DeliveryOutbox
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
)
from tests.waiting import until

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)
SENT = Outcome(Verdict.SENT, "250", "provider-7")
LATER = Outcome(Verdict.RETRY, "451")
REFUSED = Outcome(Verdict.FAILED, "550")
UNHEARD = Outcome(Verdict.UNCERTAIN, "timeout", ends_batch=True)
NOT_US = Outcome(Verdict.REFUSED_US, "401", ends_batch=True)
DELIVERIES = DeliveryOutbox()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def claimed(limit=50):
    return ledger.claim(DELIVERIES, limit=limit)


def armed(delivery=None):
    """The attempt that a claimed and armed row is in."""
    batch = claimed()
    row = next(row for row in batch.rows if delivery is None or row.pk == delivery.pk)
    attempt = Attempt.next_of(row, batch.owner, "<delivery.1@challenge.example>")
    assert ledger.arm(DELIVERIES, attempt)
    return attempt


def transport_columns(row):
    row.refresh_from_db()
    names = ("status", "attempts", "uncertain_count", "not_before", "lease_until", "last_code")
    return tuple(getattr(row, name) for name in names)


# Claim


def test_due_rows_are_claimed_oldest_first_under_one_lease():
    late, early, future = (DeliveryFactory(due_at=NOON + timedelta(minutes=m)) for m in (-1, -5, 1))

    batch = claimed()

    assert [row.pk for row in batch.rows] == [early.pk, late.pk]
    leases = Delivery.objects.filter(pk__in=[early.pk, late.pk]).values_list(
        "status", "lease_owner", "lease_until"
    )
    assert set(leases) == {("claimed", batch.owner, NOON + timedelta(minutes=5))}
    future.refresh_from_db()
    assert future.status == "planned"


def test_no_more_than_the_limit_is_claimed():
    DeliveryFactory.create_batch(3)

    assert len(claimed(limit=2).rows) == 2
    assert len(claimed(limit=2).rows) == 1
    assert len(claimed(limit=2).rows) == 0


def test_claiming_takes_the_same_statements_for_any_number(django_assert_num_queries):
    DeliveryFactory.create_batch(3)

    for limit in (1, 50):
        # Choose and lease, then load, with the problems.
        with django_assert_num_queries(3):
            claimed(limit=limit)


def test_a_row_held_back_is_claimed_when_its_time_has_come(clock):
    DeliveryFactory(not_before=NOON + timedelta(minutes=1))

    assert len(claimed().rows) == 0
    clock.shift(timedelta(minutes=1))
    assert len(claimed().rows) == 1


def test_a_suspect_is_claimed_alone_and_never_in_a_batch():
    suspects = DeliveryFactory.create_batch(2, solo_claims=1)
    innocent = DeliveryFactory()

    assert [row.pk for row in claimed().rows] == [innocent.pk]
    assert [row.pk for row in ledger.claim_suspect(DELIVERIES).rows] == [suspects[0].pk]


def test_nothing_is_claimed_while_sending_is_off():
    DeliveryFactory()
    turn_sending_off(reason="A test.")

    assert len(claimed().rows) == 0


def test_an_account_mail_that_has_expired_is_not_claimed():
    OutboundMailFactory(expires_at=NOON)

    assert len(ledger.claim(AccountOutbox(), limit=50).rows) == 0


# Arm


def test_arming_counts_the_attempt_and_renews_the_lease(clock):
    delivery = DeliveryFactory()
    batch = claimed()
    clock.shift(timedelta(minutes=2))

    assert ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))

    lease = NOON + timedelta(minutes=7)
    assert transport_columns(delivery) == ("sending", 1, 0, None, lease, "")
    assert delivery.message_id == "<m@x>"


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"lease_owner": uuid.uuid4()},
        {"attempts": 1},
        {"status": "planned", "lease_owner": None, "lease_until": None},
        {"lease_until": NOON},
    ],
    ids=["leased by another", "tried by another", "planned again", "lease over"],
)
def test_a_row_that_is_not_ours_any_more_is_not_armed(meanwhile):
    delivery = DeliveryFactory()
    batch = claimed()
    Delivery.objects.filter(pk=delivery.pk).update(**meanwhile)
    before = transport_columns(delivery)

    assert not ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))

    assert transport_columns(delivery) == before


def unsubscribe(delivery):
    subscription = delivery.subscription
    subscription.status, subscription.next_delivery_at = "unsubscribed", None
    subscription.save()


def pause(delivery):
    subscription = delivery.subscription
    subscription.status, subscription.next_delivery_at = "paused", None
    subscription.save()


def archive(delivery):
    delivery.problem.status = "archived"
    delivery.problem.save()


def suppress_reader(delivery):
    suppress(address=delivery.subscription.user.email, kind="bounce")


@pytest.mark.parametrize("event", [unsubscribe, pause, archive, suppress_reader])
def test_a_challenge_that_is_not_wanted_any_more_is_not_armed_but_cancelled(event):
    delivery = DeliveryFactory()
    batch = claimed()
    event(delivery)

    assert not ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))
    assert ledger.call_off_unwanted(DELIVERIES, batch.owner, batch.rows[0])

    cancelled = ("cancelled", 0, 0, None, None, "no_longer_wanted")
    assert transport_columns(delivery) == cancelled


def test_a_solution_is_armed_though_its_problem_is_archived_but_not_once_it_is_not_wanted():
    challenge = SentDeliveryFactory()
    archive(challenge)
    solution = DeliveryFactory(
        subscription=challenge.subscription, problem=challenge.problem, kind="solution"
    )
    batch = claimed()
    attempt = Attempt.next_of(batch.rows[0], batch.owner, "<m@x>")

    with transaction.atomic():
        assert ledger.arm(DELIVERIES, attempt)
        transaction.set_rollback(True)
    challenge.subscription.send_solutions = False
    challenge.subscription.save()

    assert not ledger.arm(DELIVERIES, attempt)
    assert ledger.call_off_unwanted(DELIVERIES, batch.owner, batch.rows[0])
    solution.refresh_from_db()
    assert solution.status == "cancelled"


def test_nothing_is_armed_while_sending_is_off_and_nothing_is_cancelled_for_it():
    delivery = DeliveryFactory()
    batch = claimed()
    turn_sending_off(reason="A test.")

    assert not ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))
    assert not ledger.call_off_unwanted(DELIVERIES, batch.owner, batch.rows[0])

    delivery.refresh_from_db()
    assert delivery.status == "claimed"


def test_an_account_mail_that_expired_meanwhile_is_not_armed(clock):
    mail = OutboundMailFactory(expires_at=NOON + timedelta(minutes=1))
    batch = ledger.claim(AccountOutbox(), limit=50)
    clock.shift(timedelta(minutes=1))

    attempt = Attempt.next_of(batch.rows[0], batch.owner, "<m@x>")
    assert not ledger.arm(AccountOutbox(), attempt)
    assert ledger.call_off_unwanted(AccountOutbox(), batch.owner, batch.rows[0])
    mail.refresh_from_db()
    assert mail.status == "cancelled"


# Settle


def test_a_sent_challenge_is_settled_and_followed_by_its_solution():
    delivery = DeliveryFactory(subscription=SubscriptionFactory(delivery_time="08:00"))

    assert ledger.settle(DELIVERIES, armed(), SENT) == "sent"

    assert transport_columns(delivery) == ("sent", 1, 0, None, None, "250")
    assert (delivery.sent_at, delivery.provider_message_id) == (NOON, "provider-7")
    solution = Delivery.objects.get(kind="solution")
    assert (solution.status, solution.slot) == ("planned", 1)
    assert solution.due_at == datetime(2027, 5, 6, 7, 59, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 5), (2, 15), (3, 60), (4, 180)])
def test_a_temporary_refusal_is_tried_again_later_and_later(attempts, minutes):
    delivery = DeliveryFactory(attempts=attempts)

    assert ledger.settle(DELIVERIES, armed(), LATER) == "planned"

    status, tried, _, not_before, lease, code = transport_columns(delivery)
    assert (status, tried, lease, code) == ("planned", attempts + 1, None, "451")
    wait = not_before - NOON
    assert timedelta(minutes=0.8 * minutes) <= wait <= timedelta(minutes=1.2 * minutes)


def test_the_sixth_temporary_refusal_is_final():
    delivery = DeliveryFactory(attempts=5)

    assert ledger.settle(DELIVERIES, armed(), LATER) == "failed"

    assert transport_columns(delivery) == ("failed", 6, 0, None, None, "451")


def test_waits_differ_so_that_a_herd_spreads():
    assert len({ledger.backoff(1) for _ in range(20)}) > 10


def test_a_permanent_refusal_is_final_at_once():
    delivery = DeliveryFactory()

    assert ledger.settle(DELIVERIES, armed(), REFUSED) == "failed"

    assert transport_columns(delivery) == ("failed", 1, 0, None, None, "550")
    assert not Delivery.objects.filter(kind="solution").exists()


def test_a_mail_that_may_have_arrived_is_uncertain_and_kept_quiet_for_ten_minutes():
    delivery = DeliveryFactory()

    assert ledger.settle(DELIVERIES, armed(), UNHEARD) == "uncertain"

    quiet = NOON + timedelta(minutes=10)
    assert transport_columns(delivery) == ("uncertain", 1, 1, quiet, None, "timeout")
    assert Delivery.objects.filter(kind="solution", status="planned").exists()


def test_a_mail_uncertain_for_the_second_time_has_failed():
    delivery = DeliveryFactory(attempts=1, uncertain_count=1)

    assert ledger.settle(DELIVERIES, armed(), UNHEARD) == "failed"

    assert transport_columns(delivery) == ("failed", 2, 2, None, None, "timeout")


@pytest.mark.parametrize("verdict", [Verdict.REFUSED_US, Verdict.UNSENT])
def test_what_is_not_about_the_mail_counts_no_attempt(verdict):
    delivery = DeliveryFactory(attempts=2)

    assert ledger.settle(DELIVERIES, armed(), Outcome(verdict, "401")) == "planned"

    assert transport_columns(delivery) == ("planned", 2, 0, None, None, "401")


def test_a_challenge_sent_again_on_a_later_day_moves_its_solution():
    delivery = DeliveryFactory(attempts=1, uncertain_count=1)
    DeliveryFactory(
        subscription=delivery.subscription,
        problem=delivery.problem,
        kind="solution",
        due_at=NOON - timedelta(days=1),
    )

    ledger.settle(DELIVERIES, armed(delivery), SENT)

    solution = Delivery.objects.get(kind="solution")
    assert (solution.due_at, solution.local_date) == (
        datetime(2027, 5, 6, 7, 59, tzinfo=UTC),
        date(2027, 5, 6),
    )


@pytest.mark.parametrize(
    "columns",
    [{"send_solutions": False}, {"status": "paused", "next_delivery_at": None}],
    ids=["does not want them", "paused meanwhile"],
)
def test_who_is_to_get_no_solution_gets_none(columns):
    delivery = DeliveryFactory()
    attempt = armed()
    Subscription.objects.filter(pk=delivery.subscription_id).update(**columns)

    assert ledger.settle(DELIVERIES, attempt, SENT) == "sent"

    assert not Delivery.objects.filter(kind="solution").exists()


def test_a_solution_is_not_followed_by_another():
    challenge = SentDeliveryFactory()
    solution = DeliveryFactory(
        subscription=challenge.subscription, problem=challenge.problem, kind="solution"
    )

    assert ledger.settle(DELIVERIES, armed(solution), SENT) == "sent"

    assert Delivery.objects.filter(kind="solution").count() == 1


@pytest.mark.parametrize("for_good", [False, True])
def test_a_commit_waits_for_the_disk_only_when_it_is_for_good(for_good):
    DeliveryFactory()
    batch = claimed()
    with connection.cursor() as cursor:
        # As in production; the suite's own server does without.
        cursor.execute("SET LOCAL synchronous_commit = on")

    ledger.advance(
        DELIVERIES, [], Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"), for_good=for_good
    )

    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        found = cursor.fetchone()[0]
    assert (found == "off") == (not for_good)


def test_settling_twice_changes_nothing():
    DeliveryFactory()
    attempt = armed()
    ledger.settle(DELIVERIES, attempt, SENT)

    assert ledger.settle(DELIVERIES, attempt, REFUSED) == "superseded"

    assert Delivery.objects.get(kind="challenge").status == "sent"
    assert Delivery.objects.filter(kind="solution").count() == 1


def test_settling_what_the_database_has_forgotten_puts_it_right():
    delivery = DeliveryFactory()
    attempt = armed()
    # What a crash of the database leaves of an arm and a settle that were not on disk yet.
    Delivery.objects.filter(pk=delivery.pk).update(status="claimed", attempts=0, message_id="")

    assert ledger.settle(DELIVERIES, attempt, SENT) == "sent"

    assert transport_columns(delivery) == ("sent", 1, 0, None, None, "250")
    assert delivery.message_id == attempt.message_id


@pytest.mark.parametrize("status", ["uncertain", "planned", "claimed"])
def test_sent_is_the_truth_even_when_it_is_heard_after_the_lease(status):
    delivery = DeliveryFactory()
    attempt = armed()
    leased = {"lease_owner": uuid.uuid4(), "lease_until": NOON}
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status,
        uncertain_count=1,
        not_before=NOON,
        **(leased if status == "claimed" else ledger.UNLEASED),
    )

    assert ledger.settle(DELIVERIES, attempt, SENT) == "sent"

    assert transport_columns(delivery) == ("sent", 1, 1, None, None, "250")


@pytest.mark.parametrize("outcome", [LATER, REFUSED, UNHEARD, NOT_US])
def test_any_other_late_news_is_superseded(outcome):
    delivery = DeliveryFactory()
    attempt = armed()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="uncertain", uncertain_count=1, not_before=NOON, **ledger.UNLEASED
    )
    before = transport_columns(delivery)

    assert ledger.settle(DELIVERIES, attempt, outcome) == "superseded"

    assert transport_columns(delivery) == before


@pytest.mark.parametrize("outcome", [SENT, REFUSED])
def test_news_of_an_attempt_that_was_repeated_since_is_superseded(outcome):
    delivery = DeliveryFactory()
    attempt = armed()
    Delivery.objects.filter(pk=delivery.pk).update(attempts=2, lease_owner=uuid.uuid4())

    assert ledger.settle(DELIVERIES, attempt, outcome) == "superseded"

    delivery.refresh_from_db()
    assert delivery.status == "sending"


def test_a_row_is_settled_and_the_next_one_armed_in_one_statement(django_assert_num_queries):
    DeliveryFactory.create_batch(2)
    batch = claimed()
    first, second = (Attempt.next_of(row, batch.owner, f"<{row.pk}@x>") for row in batch.rows)
    assert ledger.arm(DELIVERIES, first)

    with django_assert_num_queries(1):
        statuses, is_armed = ledger.advance(DELIVERIES, [(first, SENT)], second)

    assert (statuses, is_armed) == (["sent"], True)
    rows = Delivery.objects.filter(kind="challenge").order_by("due_at", "id")
    assert [row.status for row in rows] == ["sent", "sending"]


# Release, postpone, call off


def test_what_was_not_armed_is_given_back():
    DeliveryFactory.create_batch(3)
    batch = claimed()
    ledger.arm(DELIVERIES, Attempt.next_of(batch.rows[0], batch.owner, "<m@x>"))

    assert ledger.release(DELIVERIES, batch) == 2

    rows = Delivery.objects.order_by("due_at", "id")
    assert [(row.status, row.solo_claims) for row in rows] == [
        ("sending", 0),
        ("planned", 0),
        ("planned", 0),
    ]


@pytest.mark.parametrize(("attempts", "status"), [(0, "planned"), (5, "failed")])
def test_a_mail_that_cannot_be_made_is_put_off_as_after_a_temporary_refusal(attempts, status):
    delivery = DeliveryFactory(attempts=attempts)
    batch = claimed()

    ledger.postpone(DELIVERIES, batch.owner, batch.rows[0], "not_made")

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_code) == (
        status,
        attempts + 1,
        "not_made",
    )
    assert (delivery.not_before is not None) == (status == "planned")


def test_a_cancelled_challenge_frees_its_slot_and_its_problem():
    delivery = DeliveryFactory()
    batch = claimed()

    assert ledger.call_off(DELIVERIES, batch, [delivery.pk], "nothing_to_say") == 1

    delivery.refresh_from_db()
    delivery.subscription.refresh_from_db()
    assert delivery.status == "cancelled"
    assert (delivery.subscription.slot_count, delivery.subscription.last_due_at) == (0, None)


def test_a_challenge_that_may_have_arrived_keeps_its_problem_when_it_is_called_off():
    delivery = DeliveryFactory(attempts=1, uncertain_count=1)
    batch = claimed()

    assert ledger.call_off(DELIVERIES, batch, [delivery.pk], "no_longer_wanted") == 1

    delivery.refresh_from_db()
    delivery.subscription.refresh_from_db()
    assert (delivery.status, delivery.last_code) == ("failed", "no_longer_wanted")
    assert delivery.subscription.slot_count == 1


# Real connections


@pytest.fixture
def _installation(transactional_db):
    SendingSwitch.objects.get_or_create(pk=1)


def in_thread(work):
    """Run something in a thread with a database connection of its own; the thread."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[1]


@pytest.mark.usefixtures("_installation")
@pytest.mark.parametrize(
    "meanwhile",
    [
        {"status": "cancelled", "lease_owner": None, "lease_until": None},
        {"lease_owner": uuid.uuid4()},
    ],
    ids=["cancelled", "leased by another"],
)
def test_a_row_that_changes_while_arming_waits_for_it_is_not_armed(meanwhile):
    delivery = DeliveryFactory()
    batch = claimed()
    attempt = Attempt.next_of(batch.rows[0], batch.owner, "<m@x>")
    results = []

    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**meanwhile)
        thread = in_thread(lambda: results.append(ledger.arm(DELIVERIES, attempt)))
        until(waits_for_a_lock)
    thread.join()

    assert results == [False]
    delivery.refresh_from_db()
    assert delivery.status == meanwhile.get("status", "claimed")


@pytest.mark.usefixtures("_installation")
def test_two_senders_at_once_share_the_rows_without_waiting():
    DeliveryFactory.create_batch(20)
    batches = []
    together = threading.Barrier(2)

    def take():
        together.wait()
        batches.append(ledger.claim(DELIVERIES, limit=12))

    for thread in [in_thread(take), in_thread(take)]:
        thread.join()

    ids = [row.pk for batch in batches for row in batch.rows]
    assert sorted(ids) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert len(ids) == len(set(ids)) == 20


def test_account_mails_have_no_sequel():
    mail = OutboundMailFactory()
    batch = ledger.claim(AccountOutbox(), limit=1)
    attempt = Attempt.next_of(batch.rows[0], batch.owner, "<m@x>")
    ledger.arm(AccountOutbox(), attempt)

    assert ledger.settle(AccountOutbox(), attempt, SENT) == "sent"

    mail.refresh_from_db()
    assert (mail.status, OutboundMail.objects.count()) == ("sent", 1)
