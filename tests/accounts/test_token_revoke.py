from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.accounts import sessions
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers
from tests.factories import UserFactory

PATH = "/api/accounts/token/revoke/"
ALL = "/api/accounts/token/revoke-all/"
ME = "/api/accounts/me/"

pytestmark = pytest.mark.django_db


def test_signing_out_ends_this_sign_in_and_no_other(api):
    user = UserFactory()
    here, elsewhere = Caller(user), Caller(user)

    response = api.post(PATH, {"refresh": here.pair.refresh})

    assert (response.status_code, response.content) == (204, b"")
    assert (here.get(ME).status_code, elsewhere.get(ME).status_code) == (401, 200)


def test_a_dead_token_is_fine(api):
    pair = sessions.begin(user=UserFactory())
    api.post(PATH, {"refresh": pair.refresh})
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        expired = api.post(PATH, {"refresh": pair.refresh})

    assert {
        expired.status_code,
        api.post(PATH, {"refresh": pair.refresh}).status_code,
        api.post(PATH, {"refresh": "nonsense"}).status_code,
    } == {204}


def test_signing_out_everywhere_ends_all_of_ones_own(db):
    user, other = UserFactory(), Caller(UserFactory())
    here, elsewhere = Caller(user), Caller(user)

    response = here.post(ALL)

    assert (response.status_code, response.content) == (204, b"")
    assert [caller.get(ME).status_code for caller in (here, elsewhere, other)] == [401, 401, 200]
    refresh = {"refresh": elsewhere.pair.refresh}
    assert Caller().post("/api/accounts/token/refresh/", refresh).status_code == 401


def test_signing_out_everywhere_needs_a_sign_in(api):
    response = api.post(ALL)

    assert (response.status_code, response.json()) == (401, NOT_AUTHENTICATED)


def test_fields_that_nobody_asked_for_are_refused(api, signed_in):
    assert pointers(api.post(PATH, {"refresh": "x", "all": True})) == {"/all": "unknown_field"}
    assert pointers(signed_in.post(ALL, {"all": True})) == {"/all": "unknown_field"}


def test_getting_it_is_405(api, signed_in):
    assert api.get(PATH).json() == METHOD_NOT_ALLOWED
    assert signed_in.get(ALL).json() == METHOD_NOT_ALLOWED
