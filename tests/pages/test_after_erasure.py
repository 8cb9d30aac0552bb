"""The links in the mails of somebody who has been erased: nothing wrong, and nothing to do."""

import threading
from http import HTTPStatus

import pytest
from django.db import connection, transaction
from django.test import Client

from apps.accounts.services import erase_user
from apps.notifications import links
from apps.notifications.models import ConsentEvent, Delivery, Reading, Subscription
from apps.notifications.services.readings import record_feedback, show_next_hint
from tests.factories import ProblemFactory, SentDeliveryFactory, UserFactory
from tests.looks import Mail
from tests.waiting import until

PASSWORD = "correct horse battery"
FORMS = {
    "read": [{}],
    "feedback": [{"outcome": "solved", "rating": "4", "comment": "My own words"}],
    "manage": [
        {"action": "save", "delivery_time": "09:15", "timezone": "Asia/Kathmandu"}
        | {"weekdays": ["1"], "difficulties": ["easy"]},
        {"action": "pause", "length": "week"},
        {"action": "resume"},
        {"action": "erase"},
    ],
    "unsubscribe": [{"List-Unsubscribe": "One-Click"}],
}
POSTS = [(page, form) for page, forms in FORMS.items() for form in forms]
WORDS = {"unsubscribe": "You are unsubscribed"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge():
    """What a mail told of, with something that its reader did."""
    challenge = SentDeliveryFactory(
        problem=ProblemFactory(title="Why?"),
        subscription__user=UserFactory(email="ada@example.org", password=PASSWORD),
    )
    record_feedback(challenge=challenge, outcome="tried", comment="As they said it")
    return challenge


@pytest.fixture
def paths(challenge):
    """Of the links in the mail, as they were sent before the erasure."""
    tokens = {
        "read": links.make_read_token(challenge.pk),
        "feedback": links.make_feedback_token(challenge.pk),
        "manage": links.make_manage_token(challenge.subscription_id, "ada@example.org"),
        "unsubscribe": links.make_unsubscribe_token(challenge.subscription_id),
    }
    return {page: f"/{page}/{token}/" for page, token in tokens.items()}


@pytest.fixture
def _erased(challenge, paths):
    erase_user(user=challenge.subscription.user, current_password=PASSWORD)


def remains():
    """All rows that these pages could write to."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Subscription, Delivery, Reading, ConsentEvent)
    ]


@pytest.mark.usefixtures("_erased")
@pytest.mark.parametrize("page", FORMS)
def test_a_look_says_that_nothing_is_left(client, paths, page):
    response = client.get(paths[page])

    said = Mail(response.content.decode()).words()
    assert response.status_code == HTTPStatus.OK
    assert WORDS.get(page, "nothing left") in said
    assert "Why?" not in said


@pytest.mark.usefixtures("_erased")
@pytest.mark.parametrize(("page", "form"), POSTS, ids=lambda value: str(value)[:30])
def test_a_post_says_so_too_and_writes_nothing(client, paths, page, form):
    before = remains()

    response = client.post(paths[page], form)

    assert response.status_code == HTTPStatus.OK
    assert WORDS.get(page, "nothing left") in Mail(response.content.decode()).words()
    assert remains() == before
    assert Reading.objects.get().comment == ""


@pytest.mark.usefixtures("_erased")
@pytest.mark.parametrize("page", FORMS)
def test_a_bad_link_is_still_a_bad_link(client, paths, page):
    path = paths[page]

    assert client.get(f"{path[:-3]}xx/").status_code == HTTPStatus.BAD_REQUEST


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[1]


@pytest.mark.parametrize("page", ["read", "feedback"])
def test_who_posts_during_the_erasure_comes_too_late(challenge, paths, page):
    # The page has read the challenge already when the erasure commits.
    answers = []

    def post():
        answers.append(Client().post(paths[page], FORMS[page][0]))
        connection.close()

    late = threading.Thread(target=post)
    with transaction.atomic():
        Subscription.objects.select_for_update().get()
        late.start()
        until(somebody_waits_for_a_lock, within_s=10)
        erase_user(user=challenge.subscription.user, current_password=PASSWORD)
    late.join(timeout=10)

    assert [answer.status_code for answer in answers] == [HTTPStatus.OK]
    assert "nothing left" in Mail(answers[0].content.decode()).words()
    reading = Reading.objects.get()
    assert (reading.comment, reading.hints_shown) == ("", 0)


@pytest.mark.usefixtures("_erased")
def test_nobody_else_is_taken_for_erased(client):
    other = SentDeliveryFactory(problem=ProblemFactory(title="What?"))
    show_next_hint(challenge=other)

    response = client.get(f"/read/{links.make_read_token(other.pk)}/")

    assert "What?" in Mail(response.content.decode()).words()
