"""Everything held on somebody: handed out, and gone."""

import pytest

from apps.accounts.events import user_erased
from apps.accounts.models import EmailChange, TokenFamily, User
from apps.mail.models import OutboundMail
from tests.accounts.mailbox import waiting
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import UserFactory

EXPORT = "/api/accounts/me/export/"
ERASE = "/api/accounts/me/erase/"
ME = "/api/accounts/me/"
BODY = {"current_password": "correct horse battery"}
CHANGE_BODY = {**BODY, "new_email": "ada@new.example"}

pytestmark = pytest.mark.django_db


def test_the_export_holds_what_accounts_knows(signed_in):
    signed_in.post("/api/accounts/email/change/", CHANGE_BODY)

    account = signed_in.get(EXPORT).json()["sections"]["account"]

    assert {
        name: account[name] for name in ("id", "email", "display_name", "role", "initial_timezone")
    } == {
        "id": signed_in.user.pk,
        "email": "ada@example.org",
        "display_name": "Ada",
        "role": "subscriber",
        "initial_timezone": "",
    }
    assert len(account["sign_ins"]) == 1
    assert [change["new_email"] for change in account["email_changes"]] == ["ada@new.example"]
    assert {mail["purpose"] for mail in account["mails"]} == {"email_change", "email_change_notice"}
    assert "password" not in str(account)


def test_the_export_holds_nothing_of_others(signed_in):
    UserFactory(email="other@example.org")

    assert b"other@example.org" not in signed_in.get(EXPORT).content


def test_erasing_leaves_a_row_that_names_nobody(signed_in):
    signed_in.post("/api/accounts/email/change/", CHANGE_BODY)

    response = signed_in.post(ERASE, BODY)

    assert (response.status_code, response.content) == (204, b"")
    user = User.objects.get()
    assert user.email.endswith("@erased.invalid")
    assert (user.display_name, user.initial_timezone, user.is_active) == ("", "", False)
    assert not user.has_usable_password()
    assert not EmailChange.objects.exists()
    assert not TokenFamily.objects.exists()
    assert not OutboundMail.objects.exists()


def test_erasing_ends_every_session_at_once(signed_in, api):
    elsewhere = Caller(signed_in.user)

    signed_in.post(ERASE, BODY)

    assert [caller.get(ME).status_code for caller in (signed_in, elsewhere)] == [401, 401]
    refresh = {"refresh": elsewhere.pair.refresh}
    assert api.post("/api/accounts/token/refresh/", refresh).status_code == 401
    sign_in = {"email": "ada@example.org", "password": BODY["current_password"]}
    assert api.post("/api/accounts/token/", sign_in).status_code == 401


def test_the_apps_above_hear_of_it_while_the_address_is_still_known(signed_in):
    heard = []

    def listen(sender, user, **kwargs):
        heard.append(user.email)

    user_erased.connect(listen)
    try:
        signed_in.post(ERASE, BODY)
    finally:
        user_erased.disconnect(listen)

    assert heard == ["ada@example.org"]


def test_the_address_may_be_registered_anew(signed_in, api):
    signed_in.post(ERASE, BODY)

    api.post("/api/accounts/register/", {"email": "ada@example.org", "password": "four new words"})

    assert waiting() == [("verify_email", "ada@example.org")]


def test_the_wrong_password_erases_nothing(signed_in):
    response = signed_in.post(ERASE, {"current_password": "wrong"})

    assert pointers(response) == {"/current_password": "wrong_password"}
    assert User.objects.get().email == "ada@example.org"


def test_the_last_admin_cannot_be_erased(admin):
    response = admin.post(ERASE, BODY)

    assert response.status_code == 409
    assert response.json() == problem(
        409, "last_admin", "This is the last admin; make somebody else admin first."
    )
    assert User.objects.get().email == "admin@example.org"


def test_nobody_is_401(api):
    assert api.get(EXPORT).json() == NOT_AUTHENTICATED
    assert api.post(ERASE, BODY).json() == NOT_AUTHENTICATED


def test_other_methods_are_405(signed_in):
    assert signed_in.post(EXPORT, {}).json() == METHOD_NOT_ALLOWED
    assert signed_in.get(ERASE).json() == METHOD_NOT_ALLOWED
