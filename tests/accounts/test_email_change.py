"""Another address: asked for, confirmed from the new one, undone from the old one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.accounts.models import EmailChange, User
from tests.accounts.mailbox import context_of, token_of, waiting
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import UserFactory

CHANGE = "/api/accounts/email/change/"
CONFIRM = "/api/accounts/email/confirm/"
UNDO = "/api/accounts/email/undo/"
ME = "/api/accounts/me/"
BODY = {"current_password": "correct horse battery", "new_email": "ada@new.example"}
DEAD = problem(
    400,
    "invalid_token",
    "This link does not work any more: it was used already, has expired or is incomplete.",
)
TAKEN = problem(409, "address_taken", "This address belongs to another account by now.")

pytestmark = pytest.mark.django_db


def address():
    return User.objects.get(display_name="Ada").email


def test_a_link_goes_to_the_new_address_and_a_notice_to_the_old(signed_in):
    response = signed_in.post(CHANGE, BODY)

    assert response.status_code == 202
    assert waiting() == [
        ("email_change", "ada@new.example"),
        ("email_change_notice", "ada@example.org"),
    ]
    assert context_of("email_change_notice")["new_address"] == "a…@new.example"
    assert address() == "ada@example.org"


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_word(signed_in):
    free = signed_in.post(CHANGE, BODY)
    UserFactory(email="taken@example.org")

    taken = signed_in.post(CHANGE, {**BODY, "new_email": "taken@example.org"})

    assert (free.status_code, free.content) == (taken.status_code, taken.content)
    assert waiting()[2:] == [("address_registered", "taken@example.org")]
    assert EmailChange.objects.count() == 1


def test_confirming_moves_the_address_and_ends_every_session(signed_in, api):
    signed_in.post(CHANGE, BODY)

    response = api.post(CONFIRM, {"token": token_of("email_change")})

    assert response.status_code == 200
    assert response.json() == {"email": "ada@new.example", "email_verified": True}
    assert address() == "ada@new.example"
    assert signed_in.get(ME).status_code == 401


def test_a_confirmation_works_once(signed_in, api):
    signed_in.post(CHANGE, BODY)
    token = token_of("email_change")
    api.post(CONFIRM, {"token": token})

    assert api.post(CONFIRM, {"token": token}).json() == DEAD


def test_a_confirmation_works_for_a_day(signed_in, api):
    now = datetime(2027, 5, 5, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        Caller(signed_in.user).post(CHANGE, BODY)
        token = token_of("email_change")

    with time_machine.travel(now + timedelta(days=1, seconds=1), tick=False):
        assert api.post(CONFIRM, {"token": token}).json() == DEAD


def test_an_older_wish_is_overtaken_by_a_newer_one(signed_in, api):
    signed_in.post(CHANGE, BODY)
    older = token_of("email_change")
    signed_in.post(CHANGE, {**BODY, "new_email": "ada@newest.example"})
    api.post(CONFIRM, {"token": token_of("email_change")})

    assert api.post(CONFIRM, {"token": older}).json() == DEAD
    assert address() == "ada@newest.example"


def test_an_address_that_was_taken_meanwhile_is_a_conflict(signed_in, api):
    signed_in.post(CHANGE, BODY)
    UserFactory(email="ada@new.example")

    response = api.post(CONFIRM, {"token": token_of("email_change")})

    assert (response.status_code, response.json()) == (409, TAKEN)
    assert EmailChange.objects.get().confirmed_at is None


def test_undoing_before_the_confirmation_stops_it(signed_in, api):
    signed_in.post(CHANGE, BODY)
    confirm, undo = token_of("email_change"), token_of("email_change_notice")

    response = api.post(UNDO, {"token": undo})

    assert response.json() == {"email": "ada@example.org", "email_verified": True}
    assert context_of("email_change") is None
    assert api.post(CONFIRM, {"token": confirm}).json() == DEAD
    assert signed_in.get(ME).status_code == 401


def test_undoing_after_it_brings_the_old_address_back(signed_in, api):
    signed_in.post(CHANGE, BODY)
    undo = token_of("email_change_notice")
    api.post(CONFIRM, {"token": token_of("email_change")})

    assert api.post(UNDO, {"token": undo}).status_code == 200
    assert address() == "ada@example.org"
    assert api.post(UNDO, {"token": undo}).json() == DEAD


def test_undoing_is_refused_once_the_old_address_is_somebody_elses(signed_in, api):
    signed_in.post(CHANGE, BODY)
    undo = token_of("email_change_notice")
    api.post(CONFIRM, {"token": token_of("email_change")})
    UserFactory(email="ada@example.org")

    response = api.post(UNDO, {"token": undo})

    assert (response.status_code, response.json()) == (409, TAKEN)
    assert address() == "ada@new.example"


def test_one_token_is_not_the_other(signed_in, api):
    signed_in.post(CHANGE, BODY)

    assert api.post(UNDO, {"token": token_of("email_change")}).json() == DEAD
    assert api.post(CONFIRM, {"token": token_of("email_change_notice")}).json() == DEAD


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"current_password": "wrong"}, {"/current_password": "wrong_password"}),
        ({"new_email": "ADA@example.org"}, {"/new_email": "unchanged"}),
        ({"new_email": "nonsense"}, {"/new_email": "invalid"}),
        ({"email": "x@example.org"}, {"/email": "unknown_field"}),
    ],
)
def test_bad_fields_are_named(signed_in, change, expected):
    assert pointers(signed_in.post(CHANGE, {**BODY, **change})) == expected
    assert waiting() == []


def test_asking_needs_a_sign_in(api):
    response = api.post(CHANGE, BODY)

    assert (response.status_code, response.json()) == (401, NOT_AUTHENTICATED)


def test_asking_is_limited(signed_in):
    statuses = [
        signed_in.post(CHANGE, {**BODY, "new_email": f"a{n}@new.example"}).status_code
        for n in range(6)
    ]

    assert statuses == [202] * 5 + [429]


@pytest.mark.parametrize("path", [CHANGE, CONFIRM, UNDO])
def test_getting_it_is_405(signed_in, path):
    assert signed_in.get(path).json() == METHOD_NOT_ALLOWED
