"""/feedback/{token}/: the buttons of a mail lead here, and only a POST marks anything."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.utils import timezone

from apps.notifications import links
from apps.notifications.models import Reading
from tests.factories import DeliveryFactory, ProblemFactory, SentDeliveryFactory
from tests.looks import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge():
    return SentDeliveryFactory(problem=ProblemFactory(title="Why?"))


def _path(challenge) -> str:
    return f"/feedback/{links.make_feedback_token(challenge.pk)}/"


def _saved() -> dict:
    return Reading.objects.values("outcome", "difficulty_felt", "rating", "comment").get()


@pytest.mark.parametrize("outcome", ["solved", "tried", "skipped"])
def test_the_button_of_the_mail_chooses_and_changes_nothing(client, challenge, outcome):
    response = client.get(f"{_path(challenge)}?outcome={outcome}")

    html = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert f'name="outcome" value="{outcome}" checked>' in html
    assert html.count(" checked>") == 1
    assert "Why?" in Mail(html).words()
    assert Reading.objects.count() == 0
    assert response.cookies == {}


def test_an_unknown_outcome_in_the_address_chooses_nothing(client, challenge):
    html = client.get(f"{_path(challenge)}?outcome=%22%3E%3Cscript%3E").content.decode()

    assert " checked>" not in html
    assert "<script>" not in html


def test_a_post_marks_and_shows_that_it_is_saved(client, challenge):
    path = _path(challenge)

    response = client.post(
        path, {"outcome": "solved", "difficulty_felt": "right", "rating": "4", "comment": "Nice."}
    )

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, f"{path}?saved=1")
    assert _saved() == {
        "outcome": "solved",
        "difficulty_felt": "right",
        "rating": 4,
        "comment": "Nice.",
    }
    html = client.get(response["Location"]).content.decode()
    assert "Saved. You can change it as long as this link works." in Mail(html).words()
    assert html.count(" checked>") == 3


def test_a_comment_alone_is_enough_and_is_never_shown_again(client, challenge):
    client.post(_path(challenge), {"comment": "The plan is from 17."})

    assert _saved()["comment"] == "The plan is from 17."
    assert "The plan" not in client.get(_path(challenge)).content.decode()


def test_an_empty_box_keeps_the_earlier_comment(client, challenge):
    client.post(_path(challenge), {"outcome": "tried", "comment": "Mind the plan."})
    client.post(_path(challenge), {"outcome": "solved", "comment": ""})

    assert (_saved()["outcome"], _saved()["comment"]) == ("solved", "Mind the plan.")


@pytest.mark.parametrize(
    "answers",
    [
        {"outcome": "won"},
        {"difficulty_felt": "hard"},
        {"rating": "6"},
        {"rating": "x"},
        {"comment": "a" * 2001},
        {"comment": "a\x00"},
    ],
)
def test_an_answer_that_is_not_offered_is_refused_where_it_was_given(client, challenge, answers):
    response = client.post(_path(challenge), {"outcome": "solved"} | answers)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Not saved yet: see below." in Mail(response.content.decode()).words()
    assert 'class="error"' in response.content.decode()
    assert Reading.objects.count() == 0


def test_the_link_works_for_thirty_days(client, challenge, time_machine):
    path = _path(challenge)

    time_machine.move_to(timezone.now() + timedelta(days=29, hours=23))
    assert client.get(path).status_code == HTTPStatus.OK
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert client.post(path, {"outcome": "solved"}).status_code == HTTPStatus.BAD_REQUEST

    assert Reading.objects.count() == 0


def test_a_challenge_that_is_gone_has_nothing_left(client):
    path = f"/feedback/{links.make_feedback_token(DeliveryFactory().pk)}/"

    assert client.post(path, {"outcome": "solved"}).status_code == HTTPStatus.OK
    assert Reading.objects.count() == 0
