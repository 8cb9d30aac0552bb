"""Forgotten, reset, changed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.accounts.mailbox import context_of, token_of, waiting
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, invalid, pointers, problem
from tests.factories import OutboundMailFactory, UserFactory

FORGOT = "/api/accounts/password/forgot/"
RESET = "/api/accounts/password/reset/"
CHANGE = "/api/accounts/password/change/"
ME = "/api/accounts/me/"
OLD, NEW = "correct horse battery", "another long pass phrase"
DEAD = problem(
    400,
    "invalid_token",
    "This link does not work any more: it was used already, has expired or is incomplete.",
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return UserFactory(email="ada@example.org")


@pytest.fixture
def token(ada):
    OutboundMailFactory(user=ada, purpose="reset_password")
    return token_of("reset_password")


def test_a_verified_person_is_sent_a_reset_link(api, ada):
    response = api.post(FORGOT, {"email": "Ada@Example.org"})

    assert response.status_code == 202
    assert waiting() == [("reset_password", "ada@example.org")]
    assert context_of("reset_password")["expires_text"] == "1 hour"


def test_the_answer_to_forgetting_is_the_same_bytes_for_everybody(api, ada):
    UserFactory(email="unverified@example.org", email_verified_at=None)
    UserFactory(email="deactivated@example.org", is_active=False)

    answers = {
        (response.status_code, response.content)
        for name in ("ada", "unverified", "deactivated", "unknown")
        for response in [api.post(FORGOT, {"email": f"{name}@example.org"})]
    }

    assert len(answers) == 1
    assert waiting() == [("reset_password", "ada@example.org")]


def test_forgetting_is_limited_by_address_too():
    statuses = [
        Caller().post(FORGOT, {"email": "a@example.org"}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(6)
    ]

    assert statuses == [202] * 5 + [429]


def test_the_token_sets_a_password_and_ends_every_session(api, ada, token):
    session = Caller(ada)

    response = api.post(RESET, {"token": token, "password": NEW})

    assert (response.status_code, response.content) == (204, b"")
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert session.get(ME).status_code == 401
    refresh = {"refresh": session.pair.refresh}
    assert api.post("/api/accounts/token/refresh/", refresh).status_code == 401
    assert waiting()[-1] == ("password_changed", "ada@example.org")


def test_a_reset_token_works_once(api, token):
    api.post(RESET, {"token": token, "password": NEW})

    assert api.post(RESET, {"token": token, "password": "yet another phrase"}).json() == DEAD


def test_a_reset_token_works_for_an_hour(api, ada):
    now = datetime(2027, 5, 5, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        OutboundMailFactory(user=ada, purpose="reset_password")
        token = token_of("reset_password")

    with time_machine.travel(now + timedelta(hours=1, seconds=1), tick=False):
        assert api.post(RESET, {"token": token, "password": NEW}).json() == DEAD


def test_a_weak_password_is_refused_and_the_token_stays_good(api, token):
    response = api.post(RESET, {"token": token, "password": "ada@example.org"})

    assert pointers(response) == {"/password": "password_too_similar"}
    assert api.post(RESET, {"token": token, "password": NEW}).status_code == 204


def test_changing_it_ends_every_other_session(ada):
    here, elsewhere = Caller(ada), Caller(ada)

    response = here.post(CHANGE, {"current_password": OLD, "new_password": NEW})

    assert (response.status_code, response.content) == (204, b"")
    assert (here.get(ME).status_code, elsewhere.get(ME).status_code) == (200, 401)
    assert waiting() == [("password_changed", "ada@example.org")]
    assert context_of("password_changed")["link"] == "https://challenge.example/reset-password/"


def test_the_wrong_present_password_is_refused(signed_in):
    response = signed_in.post(CHANGE, {"current_password": "wrong", "new_password": NEW})

    assert response.json() == invalid(
        ("/current_password", "wrong_password", "This is not your present password.")
    )
    signed_in.user.refresh_from_db()
    assert signed_in.user.check_password(OLD)


def test_a_weak_new_password_is_refused(signed_in):
    response = signed_in.post(CHANGE, {"current_password": OLD, "new_password": "short"})

    assert pointers(response) == {"/new_password": "password_too_short"}


def test_guessing_the_present_password_is_limited(signed_in):
    body = {"current_password": "wrong", "new_password": NEW}

    statuses = [signed_in.post(CHANGE, body).status_code for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_changing_needs_a_sign_in(api):
    response = api.post(CHANGE, {"current_password": OLD, "new_password": NEW})

    assert (response.status_code, response.json()) == (401, NOT_AUTHENTICATED)


@pytest.mark.parametrize("path", [FORGOT, RESET, CHANGE])
def test_getting_it_is_405(signed_in, path):
    assert signed_in.get(path).json() == METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (FORGOT, {"/email": "required"}),
        (RESET, {"/token": "required", "/password": "required"}),
        (CHANGE, {"/current_password": "required", "/new_password": "required"}),
    ],
)
def test_missing_fields_are_named(signed_in, path, expected):
    assert pointers(signed_in.post(path, {})) == expected
