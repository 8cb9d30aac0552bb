from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.accounts.models import User
from tests.accounts.mailbox import context_of, token_of
from tests.api import METHOD_NOT_ALLOWED, pointers, problem
from tests.factories import OutboundMailFactory, UserFactory

PATH = "/api/accounts/verify-email/"
DEAD = problem(
    400,
    "invalid_token",
    "This link does not work any more: it was used already, has expired or is incomplete.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def token():
    OutboundMailFactory(user__email="ada@example.org")
    return token_of("verify_email")


def test_the_token_of_the_link_verifies_the_address(api, token):
    response = api.post(PATH, {"token": token})

    assert response.status_code == 200
    assert response.json() == {"email": "ada@example.org", "email_verified": True}
    assert User.objects.get().is_email_verified


def test_a_token_works_once(api, token):
    api.post(PATH, {"token": token})

    response = api.post(PATH, {"token": token})

    assert (response.status_code, response.json()) == (400, DEAD)


def test_a_token_works_for_three_days(api):
    now = datetime(2027, 5, 5, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        OutboundMailFactory()
        token = token_of("verify_email")

    with time_machine.travel(now + timedelta(days=3, seconds=1), tick=False):
        assert api.post(PATH, {"token": token}).json() == DEAD


def test_a_token_of_another_purpose_is_none(api):
    UserFactory(email="ada@example.org")
    OutboundMailFactory(user=User.objects.get(), purpose="reset_password")

    assert api.post(PATH, {"token": token_of("reset_password")}).json() == DEAD


def test_a_deactivated_person_stays_unverified(api, token):
    User.objects.update(is_active=False)

    assert api.post(PATH, {"token": token}).json() == DEAD
    assert not User.objects.get().is_email_verified


@pytest.mark.parametrize("sent", ["x", "a:b:c", "é"])
def test_nonsense_is_no_token(api, sent):
    assert api.post(PATH, {"token": sent}).json() == DEAD


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"token": ""}, "blank"),
        ({"token": 7}, "invalid"),
        ({"token": "x" * 2001}, "max_length"),
    ],
)
def test_a_missing_token_is_named(api, body, code):
    assert pointers(api.post(PATH, body)) == {"/token": code}


def test_the_mail_of_somebody_verified_meanwhile_says_nothing(api, token):
    api.post(PATH, {"token": token})

    assert context_of("verify_email") is None


def test_getting_it_is_405(api):
    assert api.get(PATH).json() == METHOD_NOT_ALLOWED
