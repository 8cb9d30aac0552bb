"""What follows a challenge: its solution, or its being called off."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from apps.mail import ledger
from apps.mail.ledger import Attempt
from apps.mail.models import OutgoingStatus
from apps.mail.transports import Outcome, Verdict
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from apps.notifications.services import plan_due
from apps.notifications.services.deliveries import expire_solutions
from apps.problems.services import archive_problem
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
)

AT_EIGHT = datetime(2027, 5, 5, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def go_out():
    """Claim, arm and settle the one challenge that is due."""
    batch = ledger.claim(DeliveryOutbox(), limit=1)
    attempt = Attempt.next_of(batch.rows[0], batch.owner, "<m@x>")
    assert ledger.arm(DeliveryOutbox(), attempt)
    assert ledger.settle(DeliveryOutbox(), attempt, Outcome(Verdict.SENT, "250")) == "sent"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(AT_EIGHT + timedelta(hours=4), tick=False):
        yield


def test_a_challenge_that_went_out_plans_its_solution_for_the_next_day():
    subscription = SubscriptionFactory(weekdays=[3])
    challenge = DeliveryFactory(
        subscription=subscription, due_at=AT_EIGHT, reason_path="Python → asyncio"
    )

    go_out()

    solution = Delivery.objects.get(kind="solution")
    assert {
        "subscription": solution.subscription_id,
        "problem": solution.problem_id,
        "slot": solution.slot,
        "due_at": solution.due_at,
        "local_date": solution.local_date,
        "status": solution.status,
        "path": solution.reason_path,
    } == {
        "subscription": subscription.pk,
        "problem": challenge.problem_id,
        "slot": 1,
        "due_at": datetime(2027, 5, 6, 7, 59, tzinfo=UTC),
        "local_date": date(2027, 5, 6),
        "status": "planned",
        "path": "Python → asyncio",
    }


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_the_solution_of_a_challenge_that_came_to_nothing_is_called_off(status):
    challenge = DeliveryFactory(due_at=AT_EIGHT - timedelta(days=1), status=status)
    solution = DeliveryFactory(
        subscription=challenge.subscription,
        problem=challenge.problem,
        kind="solution",
        due_at=AT_EIGHT,
    )

    assert expire_solutions() == 1

    solution.refresh_from_db()
    assert (solution.status, solution.last_code) == ("cancelled", "challenge_failed")


@pytest.mark.parametrize("status", ["planned", "uncertain", "failed"])
def test_a_solution_waits_for_its_challenge(status):
    late = {"attempts": 1, "message_id": "<x@y>", "uncertain_count": 1, "not_before": AT_EIGHT}
    challenge = DeliveryFactory(due_at=AT_EIGHT, status=status, **late)
    DeliveryFactory(
        subscription=challenge.subscription,
        problem=challenge.problem,
        kind="solution",
        due_at=AT_EIGHT,
    )
    now = AT_EIGHT + timedelta(hours=4)

    claimable = Delivery.objects.claimable(now).filter(DeliveryOutbox().claimable(now))

    assert not claimable.filter(kind="solution").exists()


def test_what_is_stale_is_not_claimed_and_what_is_late_is():
    late, stale = AT_EIGHT - timedelta(hours=7), AT_EIGHT - timedelta(hours=9)
    solutions = []
    for due_at in (late, stale):
        challenge = SentDeliveryFactory(due_at=due_at - timedelta(days=1))
        solutions.append(
            DeliveryFactory(
                subscription=challenge.subscription,
                problem=challenge.problem,
                kind="solution",
                due_at=due_at,
            )
        )
    challenges = [DeliveryFactory(due_at=due_at) for due_at in (late, stale)]
    now = AT_EIGHT + timedelta(hours=4)

    claimable = Delivery.objects.claimable(now).filter(DeliveryOutbox().claimable(now))

    assert set(claimable) == {solutions[0], challenges[0]}


def test_archiving_a_problem_plans_another_for_the_same_instant():
    tag = TagFactory()
    problems = [ProblemFactory(tags=[tag]) for _ in range(2)]
    subscription = SubscriptionFactory(next_delivery_at=AT_EIGHT)
    plan_due()
    first = Delivery.objects.get()

    archive_problem(problem_id=first.problem_id)
    plan_due()

    first.refresh_from_db()
    assert (first.status, first.last_code) == ("cancelled", "problem_archived")
    second = Delivery.objects.get(status="planned")
    assert second.problem_id in {p.pk for p in problems} - {first.problem_id}
    assert (second.slot, second.due_at) == (1, AT_EIGHT)
    subscription.refresh_from_db()
    assert (subscription.slot_count, subscription.last_due_at) == (1, AT_EIGHT)


def test_archiving_a_problem_keeps_the_solution_of_what_was_sent():
    challenge = DeliveryFactory(due_at=AT_EIGHT, problem__solution="Because.")
    go_out()

    archive_problem(problem_id=challenge.problem_id)

    assert Delivery.objects.get(kind="solution").status == OutgoingStatus.PLANNED


def test_the_version_a_mail_shows_is_the_version_its_row_names():
    delivery = DeliveryFactory(
        subscription=SubscriptionFactory(delivery_time=time(8)), problem=ProblemFactory(version=4)
    )

    outbox = DeliveryOutbox()
    outbox.compose(outbox.load([delivery.pk]))

    delivery.refresh_from_db()
    assert delivery.problem_version == 4
