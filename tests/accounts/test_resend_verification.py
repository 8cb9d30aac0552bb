import pytest

from tests.accounts.mailbox import waiting
from tests.api import METHOD_NOT_ALLOWED, Caller, pointers
from tests.factories import UserFactory

PATH = "/api/accounts/resend-verification/"

pytestmark = pytest.mark.django_db(transaction=True)


def test_whoever_waits_for_a_link_gets_another(api):
    UserFactory(email="ada@example.org", email_verified_at=None)

    response = api.post(PATH, {"email": "Ada@example.org"})

    assert response.status_code == 202
    assert waiting() == [("verify_email", "ada@example.org")]


def test_everybody_else_gets_the_same_answer_and_no_mail(api):
    UserFactory(email="verified@example.org")
    UserFactory(email="deactivated@example.org", email_verified_at=None, is_active=False)
    UserFactory(email="waiting@example.org", email_verified_at=None)

    answers = {
        (response.status_code, response.content)
        for name in ("verified", "deactivated", "unknown", "waiting")
        for response in [api.post(PATH, {"email": f"{name}@example.org"})]
    }

    assert len(answers) == 1
    assert waiting() == [("verify_email", "waiting@example.org")]


def test_five_a_minute_for_one_address():
    statuses = [
        Caller().post(PATH, {"email": "a@example.org"}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(6)
    ]

    assert statuses == [202] * 5 + [429]


def test_a_missing_address_is_named(api):
    assert pointers(api.post(PATH, {})) == {"/email": "required"}


def test_getting_it_is_405(api):
    assert api.get(PATH).json() == METHOD_NOT_ALLOWED
