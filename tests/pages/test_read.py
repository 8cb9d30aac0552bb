"""/read/{token}/: statement, hints one at a time, the solution once it is theirs."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus

import pytest

from apps.notifications import links
from apps.notifications.models import Delivery, Reading
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
)
from tests.looks import Mail

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 3, 7, tzinfo=UTC)
SOLUTION_AT = datetime(2026, 3, 4, 6, 59, tzinfo=UTC)


@pytest.fixture
def challenge(time_machine):
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    return SentDeliveryFactory(
        subscription=SubscriptionFactory(timezone="Europe/Berlin", delivery_time=time(8)),
        problem=ProblemFactory(
            title="Why?",
            statement="It is slow.",
            solution="The index.",
            hints=["First.", "Second."],
        ),
        due_at=MORNING,
        local_date=date(2026, 3, 3),
    )


def _path(challenge) -> str:
    return f"/read/{links.make_read_token(challenge.pk)}/"


def _words(response) -> str:
    return Mail(response.content.decode()).words()


def test_the_statement_is_shown_with_the_way_to_a_hint_and_no_solution(client, challenge):
    response = client.get(_path(challenge))

    assert response.status_code == HTTPStatus.OK
    assert _words(response) == (
        "Daily Challenge Medium · 15 min Why? It is slow. Hints Show the first hint of 2 Solution "
        "It is yours on Wednesday 4 March, 07:59 (Europe/Berlin). This page will show it then. "
        "Privacy"
    )


def test_a_post_shows_one_hint_more(client, challenge):
    path = _path(challenge)

    response = client.post(path)

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, f"{path}#hints")
    words = _words(client.get(path))
    assert "Hint 1 of 2 First. Show hint 2 of 2" in words
    assert "Second." not in words


def test_after_the_last_hint_there_is_no_button(client, challenge):
    for _ in range(3):
        client.post(_path(challenge))

    assert "Hint 2 of 2 Second. That was the last one." in _words(client.get(_path(challenge)))


def test_a_problem_without_hints_says_so(client, challenge):
    challenge.problem.hints = []
    challenge.problem.save()

    assert "Hints There are none for this one." in _words(client.get(_path(challenge)))


def test_the_solution_is_there_from_its_instant_on_mail_or_no_mail(client, challenge, time_machine):
    path = _path(challenge)

    time_machine.move_to(SOLUTION_AT - timedelta(seconds=1), tick=False)
    before = _words(client.get(path))
    time_machine.move_to(SOLUTION_AT, tick=False)
    after = _words(client.get(path))

    assert "The index." not in before
    assert "Solution The index. Privacy" in after


def test_a_revealed_solution_is_theirs_at_once(client, challenge):
    Reading.objects.create(delivery=challenge, revealed_at=MORNING)

    assert "Solution The index." in _words(client.get(_path(challenge)))


def test_a_mailed_solution_stays_theirs_when_the_hour_changes(client, challenge):
    SentDeliveryFactory(
        subscription=challenge.subscription,
        problem=challenge.problem,
        kind="solution",
        due_at=MORNING,
    )

    assert "Solution The index." in _words(client.get(_path(challenge)))


def test_no_solution_while_it_is_uncertain_that_the_challenge_arrived(
    client, challenge, time_machine
):
    Delivery.objects.filter(pk=challenge.pk).update(
        status="uncertain", sent_at=None, uncertain_count=1, not_before=MORNING
    )
    time_machine.move_to(SOLUTION_AT + timedelta(days=1), tick=False)

    assert "The index." not in _words(client.get(_path(challenge)))


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_look_changes_nothing_and_sets_no_cookie(client, challenge, method):
    response = getattr(client, method)(_path(challenge))

    assert Reading.objects.count() == 0
    assert response.cookies == {}


def test_the_page_is_kept_by_nobody_and_tells_nobody_its_address(client, challenge):
    response = client.get(_path(challenge))

    assert {
        name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    } == {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }


def test_the_address_of_the_reader_is_not_shown(client, challenge):
    assert challenge.subscription.user.email not in client.get(_path(challenge)).content.decode()


def test_what_a_problem_says_is_printed_literally(client, challenge):
    hostile = "{{7*7}} {% load x %} <script>alert(1)</script>"
    challenge.problem.title = hostile
    challenge.problem.statement = f"{hostile} [x](javascript:alert(1))"
    challenge.problem.save()

    response = client.get(_path(challenge))

    assert _words(response).count(hostile) == 2
    assert "<script>alert" not in response.content.decode()
    assert "javascript:" not in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_of_another_purpose_or_none_gets_a_way_on(client, challenge, method):
    for token in ("x", "a:b:c", "é", "%00", links.make_feedback_token(challenge.pk)):
        response = getattr(client, method)(f"/read/{token}/")

        assert response.status_code == HTTPStatus.BAD_REQUEST
        assert "This link does not work" in _words(response)
    assert Reading.objects.count() == 0


def test_a_token_whose_challenge_is_gone_or_not_sent_has_nothing_left(client):
    planned = DeliveryFactory()

    for pk in (planned.pk, planned.pk + 1000):
        for response in (client.get(f"/read/{links.make_read_token(pk)}/"),):
            assert response.status_code == HTTPStatus.OK
            assert "There is nothing left to do here" in _words(response)


def test_a_hint_for_a_challenge_that_failed_is_refused_in_plain_words(client, challenge):
    Delivery.objects.filter(pk=challenge.pk).update(status="failed", sent_at=None)

    response = client.post(_path(challenge))

    assert response.status_code == HTTPStatus.CONFLICT
    assert "This challenge has not been sent to you." in _words(response)


def test_other_methods_are_not_allowed(client, challenge):
    assert client.put(_path(challenge)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_page_costs_two_queries(client, challenge, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(_path(challenge))
