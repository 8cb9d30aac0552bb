from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.errors import ConflictError, InvalidInputError
from apps.notifications.models import Delivery, Reading
from apps.notifications.services.readings import (
    record_feedback,
    reveal_solution,
    show_next_hint,
)
from tests.factories import DeliveryFactory, ProblemFactory, SentDeliveryFactory

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 3, 8, tzinfo=UTC)
LATER = datetime(2026, 3, 4, 8, tzinfo=UTC)


@pytest.fixture
def challenge():
    return SentDeliveryFactory(problem=ProblemFactory(hints=["one", "two"]))


def _saved(challenge) -> dict:
    fields = ("outcome", "marked_at", "difficulty_felt", "rating", "comment")
    return Reading.objects.values(*fields).get(pk=challenge.pk)


def test_hints_come_one_at_a_time_and_end(challenge):
    assert [show_next_hint(challenge=challenge) for _ in range(3)] == [
        (["one"], 1),
        (["one", "two"], 0),
        (["one", "two"], 0),
    ]
    assert Reading.objects.get(pk=challenge.pk).hints_shown == 2


def test_a_hint_that_was_taken_away_since_does_not_count(challenge):
    show_next_hint(challenge=challenge)
    show_next_hint(challenge=challenge)
    challenge.problem.hints = ["one"]

    assert show_next_hint(challenge=challenge) == (["one"], 0)


def test_the_solution_is_revealed_once(challenge, time_machine):
    time_machine.move_to(MOMENT)
    reveal_solution(challenge=challenge)
    time_machine.move_to(LATER)
    reveal_solution(challenge=challenge)

    assert Reading.objects.get(pk=challenge.pk).revealed_at.date() == MOMENT.date()


def test_feedback_is_recorded(challenge, time_machine):
    time_machine.move_to(MOMENT, tick=False)

    record_feedback(
        challenge=challenge, outcome="solved", difficulty_felt="right", rating=5, comment="Good."
    )

    assert _saved(challenge) == {
        "outcome": "solved",
        "marked_at": MOMENT,
        "difficulty_felt": "right",
        "rating": 5,
        "comment": "Good.",
    }


def test_later_feedback_replaces_earlier_but_keeps_the_outcome(challenge, time_machine):
    time_machine.move_to(MOMENT, tick=False)
    record_feedback(challenge=challenge, outcome="tried", rating=2, comment="Hm.")
    time_machine.move_to(LATER, tick=False)

    record_feedback(challenge=challenge, comment="The plan is wrong.")

    assert _saved(challenge) == {
        "outcome": "tried",
        "marked_at": MOMENT,
        "difficulty_felt": "",
        "rating": None,
        "comment": "The plan is wrong.",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "won"),
        ("difficulty_felt", "hard"),
        ("rating", 0),
        ("rating", 6),
        ("comment", "a" * 2001),
        ("comment", "a\x00b"),
    ],
)
def test_answers_that_are_not_offered_are_refused(challenge, field, value):
    with pytest.raises(InvalidInputError) as refused:
        record_feedback(challenge=challenge, **{field: value})

    assert refused.value.field == field
    assert Reading.objects.count() == 0


@pytest.mark.parametrize("status", ["planned", "cancelled", "failed"])
@pytest.mark.parametrize("act", [show_next_hint, reveal_solution, record_feedback])
def test_nothing_can_be_done_with_a_challenge_that_was_not_sent(status, act):
    challenge = DeliveryFactory(status=status)

    with pytest.raises(ConflictError) as refused:
        act(challenge=challenge)

    assert refused.value.code == "not_delivered"
    assert Reading.objects.count() == 0


def test_a_challenge_of_which_it_is_not_sure_that_it_arrived_can_be_marked():
    challenge = DeliveryFactory(
        status="uncertain",
        attempts=1,
        uncertain_count=1,
        not_before=LATER,
        message_id="<1@challenge.example>",
    )

    record_feedback(challenge=challenge, outcome="solved")

    assert _saved(challenge)["outcome"] == "solved"


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "won", "marked_at": MOMENT},
        {"outcome": "solved"},
        {"marked_at": MOMENT},
        {"difficulty_felt": "hard"},
        {"rating": 6},
        {"rating": 0},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(challenge, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(delivery=challenge, **values)


@pytest.mark.django_db(transaction=True)
def test_of_two_hints_asked_for_at_once_none_is_lost():
    challenge = SentDeliveryFactory(problem=ProblemFactory(hints=list("abcdefgh")))

    def ask(_):
        try:
            show_next_hint(challenge=Delivery.objects.get(pk=challenge.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    assert Reading.objects.get(pk=challenge.pk).hints_shown == 8
