from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apps.notifications.models import Reading
from tests.api import Caller, pointers
from tests.factories import (
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    UserFactory,
)

LIST = "/api/problems/"
# Wednesday 08:00 in UTC, the hour of the factory's subscriptions.
SENT_AT = datetime(2027, 5, 5, 8, tzinfo=UTC)
THEIRS_AT = datetime(2027, 5, 6, 7, 59, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return SubscriptionFactory(user__email="ada@example.org", send_solutions=False)


@pytest.fixture
def challenge(reader):
    return SentDeliveryFactory(
        subscription=reader, due_at=SENT_AT, sent_at=SENT_AT, local_date=date(2027, 5, 5)
    )


def seen(user, problem, at):
    with time_machine.travel(at, tick=False):
        return Caller(user).get(f"{LIST}{problem.pk}/").json()


def test_before_its_instant_it_is_null_and_its_instant_is_named(reader, challenge):
    body = seen(reader.user, challenge.problem, THEIRS_AT - timedelta(seconds=1))

    assert (body["solution"], body["hints"]) == (None, [])
    assert body["solution_available_at"] == "2027-05-06T07:59:00Z"
    assert body["mine"] == {
        "delivery_id": challenge.pk,
        "local_date": "2027-05-05",
        "outcome": None,
    }


def test_from_its_instant_on_it_is_theirs_whether_or_not_they_take_solution_mails(
    reader, challenge
):
    body = seen(reader.user, challenge.problem, THEIRS_AT)

    assert body["solution"] == challenge.problem.solution
    assert body["hints"] == []


@pytest.mark.parametrize("status", ["paused", "unsubscribed"])
def test_pausing_and_unsubscribing_do_not_take_it_back(reader, challenge, status):
    reader.status, reader.next_delivery_at = status, None
    reader.save()

    assert seen(reader.user, challenge.problem, THEIRS_AT)["solution"]


def test_a_solution_that_was_revealed_or_mailed_is_theirs_before(reader, challenge):
    before = SENT_AT + timedelta(hours=1)
    reading = Reading.objects.create(delivery=challenge, revealed_at=SENT_AT, hints_shown=1)
    assert seen(reader.user, challenge.problem, before)["solution"]
    assert seen(reader.user, challenge.problem, before)["hints"] == challenge.problem.hints[:1]
    reading.delete()
    assert seen(reader.user, challenge.problem, before)["solution"] is None

    SentDeliveryFactory(
        subscription=reader, problem=challenge.problem, kind="solution", sent_at=SENT_AT
    )

    assert seen(reader.user, challenge.problem, before)["solution"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "planned", "sent_at": None, "attempts": 0},
        {"status": "failed", "sent_at": None},
        {"status": "cancelled", "sent_at": None},
        {"status": "uncertain", "sent_at": None, "uncertain_count": 1, "not_before": SENT_AT},
    ],
)
def test_without_a_challenge_that_was_sent_it_never_is(reader, changes):
    delivery = SentDeliveryFactory(
        subscription=reader, due_at=SENT_AT, **({"sent_at": SENT_AT} | changes)
    )

    body = seen(reader.user, delivery.problem, THEIRS_AT + timedelta(days=30))

    assert (body["solution"], body["solution_available_at"], body["mine"]) == (None, None, None)


def test_it_is_nobody_elses(reader, challenge, api):
    late = THEIRS_AT + timedelta(days=1)

    assert seen(UserFactory(), challenge.problem, late)["solution"] is None
    with time_machine.travel(late, tick=False):
        assert api.get(f"{LIST}{challenge.problem.pk}/").json()["solution"] is None


def test_the_list_follows_the_same_rule(reader, challenge):
    ProblemFactory()

    with time_machine.travel(THEIRS_AT, tick=False):
        shown = Caller(reader.user).get(LIST).json()["results"]
    with time_machine.travel(THEIRS_AT - timedelta(seconds=1), tick=False):
        hidden = Caller(reader.user).get(LIST).json()["results"]

    assert {found["id"] for found in shown if found["solution"]} == {challenge.problem_id}
    assert [found["solution"] for found in hidden] == [None, None]


def test_readers_find_what_was_theirs_and_what_became_of_it(reader, challenge):
    fresh = ProblemFactory()
    caller = Caller(reader.user)

    def found(mine):
        return [item["id"] for item in caller.get(f"{LIST}?mine={mine}").json()["results"]]

    assert (found("none"), found("delivered")) == ([fresh.pk], [challenge.problem_id])
    assert (found("solved"), found("tried"), found("skipped")) == ([], [], [])

    Reading.objects.create(delivery=challenge, outcome="solved", marked_at=SENT_AT)

    assert (found("solved"), found("tried")) == ([challenge.problem_id], [])
    assert caller.get(f"{LIST}{challenge.problem_id}/").json()["mine"]["outcome"] == "solved"


def test_nobody_has_anything_of_their_own(api):
    assert api.get(f"{LIST}?mine=none").status_code == 401
    assert pointers(api.get(f"{LIST}?mine=x")) == {"/mine": "invalid_choice"}
