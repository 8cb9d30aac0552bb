"""Refresh tokens work once; two tabs are no thief, anything else is."""

import threading
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from django.db import connection

from apps.accounts import sessions
from apps.accounts.models import TokenFamily, User
from tests.api import METHOD_NOT_ALLOWED, Caller, pointers, problem
from tests.factories import UserFactory

PATH = "/api/accounts/token/refresh/"
ME = "/api/accounts/me/"
NOW = datetime(2027, 5, 5, 8, tzinfo=UTC)
REFUSED = problem(
    401, "authentication_failed", "The refresh token is not valid or has expired. Sign in again."
)
SUPERSEDED = problem(
    409,
    "refresh_superseded",
    "This token was exchanged a moment ago; use the tokens that came of it.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": (10_000, 60)}


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return UserFactory(email="ada@example.org")


def refresh(token):
    return Caller().post(PATH, {"refresh": token})


def test_a_token_is_exchanged_for_a_new_pair_that_works(ada):
    pair = sessions.begin(user=ada)

    response = refresh(pair.refresh)

    assert response.status_code == 200
    new = response.json()
    assert new.keys() == {"access", "refresh"}
    assert new["refresh"] != pair.refresh
    assert Caller().bearer(new["access"]).get(ME).status_code == 200
    assert refresh(new["refresh"]).status_code == 200


def test_the_second_use_within_ten_seconds_is_superseded_and_revokes_nothing(ada, clock):
    pair = sessions.begin(user=ada)
    new = refresh(pair.refresh).json()
    clock.shift(10)

    response = refresh(pair.refresh)

    assert (response.status_code, response.json()) == (409, SUPERSEDED)
    assert refresh(new["refresh"]).status_code == 200


def test_a_use_after_ten_seconds_ends_the_sign_in(ada, clock):
    pair = sessions.begin(user=ada)
    new = refresh(pair.refresh).json()
    clock.shift(10.001)

    response = refresh(pair.refresh)

    assert (response.status_code, response.json()) == (401, REFUSED)
    assert response["WWW-Authenticate"] == "Bearer"
    assert refresh(new["refresh"]).json() == REFUSED
    assert Caller().bearer(new["access"]).get(ME).status_code == 401


def test_a_use_after_its_successor_was_used_ends_the_sign_in_even_at_once(ada, clock):
    first = sessions.begin(user=ada)
    second = refresh(first.refresh).json()
    third = refresh(second["refresh"]).json()

    assert refresh(first.refresh).json() == REFUSED
    assert refresh(third["refresh"]).json() == REFUSED


def test_ending_one_sign_in_leaves_the_others(ada, clock):
    stolen, other = sessions.begin(user=ada), sessions.begin(user=ada)
    refresh(stolen.refresh)
    clock.shift(11)
    refresh(stolen.refresh)

    assert refresh(other.refresh).status_code == 200


def test_a_sign_in_ends_after_thirty_days_however_often_it_is_renewed(ada, clock):
    token = sessions.begin(user=ada).refresh
    for _ in range(3):
        clock.shift(timedelta(days=9))
        token = refresh(token).json()["refresh"]

    exp = jwt.decode(token, options={"verify_signature": False})["exp"]

    assert datetime.fromtimestamp(exp, UTC) == NOW + timedelta(days=30)
    clock.shift(timedelta(days=3))
    assert refresh(token).json() == REFUSED


@pytest.mark.parametrize("token", ["x", "a.b.c", "é"])
def test_nonsense_is_refused(token):
    assert refresh(token).json() == REFUSED


def test_an_access_token_is_no_refresh_token(ada):
    assert refresh(sessions.begin(user=ada).access).json() == REFUSED


def test_the_token_of_somebody_deactivated_changed_or_gone_is_refused(ada):
    pairs = [sessions.begin(user=ada) for _ in range(3)]
    User.objects.update(is_active=False)
    assert refresh(pairs[0].refresh).json() == REFUSED
    User.objects.update(is_active=True, token_version=1)
    assert refresh(pairs[1].refresh).json() == REFUSED
    User.objects.all().delete()
    assert refresh(pairs[2].refresh).json() == REFUSED


def test_a_missing_token_is_named(api):
    assert pointers(api.post(PATH, {})) == {"/refresh": "required"}


def test_getting_it_is_405(api):
    assert api.get(PATH).json() == METHOD_NOT_ALLOWED


@pytest.mark.django_db(transaction=True)
def test_of_eight_parallel_uses_exactly_one_wins():
    ada = UserFactory(email="ada@example.org")
    tokens = [sessions.begin(user=ada).refresh for _ in range(20)]
    barrier, answers = threading.Barrier(8), []

    def use_all():
        for token in tokens:
            barrier.wait()
            response = refresh(token)
            answers.append((response.status_code, response.json()))
        connection.close()

    threads = [threading.Thread(target=use_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = [status for status, _ in answers]
    won = [body["refresh"] for status, body in answers if status == 200]
    assert (statuses.count(200), statuses.count(409)) == (20, 140)
    assert [refresh(token).status_code for token in won] == [200] * 20
    assert TokenFamily.objects.alive().count() == 20
