"""How often one may call, who counts as one, and what is said about it."""

import socket
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import caches

from apps.core.ratelimits import SIGN_INS
from tests.api import Caller, problem
from tests.factories import UserFactory

pytestmark = [pytest.mark.urls("tests.core.probes"), pytest.mark.django_db]

ECHO = "/api/probe/echo/"


@pytest.fixture(autouse=True)
def _small_limits(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": (3, 60), "write": (2, 60)}
    with time_machine.travel(datetime(2027, 5, 5, 8, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def no_redis(settings):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{port}/1",
            "KEY_PREFIX": uuid4().hex,
        }
    }
    caches["default"].get("wake")


def seen(response):
    return response.status_code, response["RateLimit-Limit"], response["RateLimit-Remaining"]


def test_reads_and_writes_count_apart_and_say_what_is_left(api):
    answers = [seen(api.get(ECHO)), seen(api.get(ECHO)), seen(api.post(ECHO, {}))]

    assert answers == [(200, "3", "2"), (200, "3", "1"), (201, "2", "1")]


def test_one_too_many_is_429_and_says_when_to_come_back(api):
    for _ in range(3):
        api.get(ECHO)

    response = api.get(ECHO)

    assert response.status_code == 429
    assert response.json() == problem(
        429, "rate_limited", "Too many requests. Wait a moment, then try again."
    )
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == response["RateLimit-Reset"]
    assert 1 <= int(response["Retry-After"]) <= 60
    assert seen(response) == (429, "3", "0")


def test_after_the_window_it_works_again(api):
    for _ in range(3):
        api.get(ECHO)

    with time_machine.travel(datetime(2027, 5, 5, 8, 1, 1, tzinfo=UTC), tick=False):
        response = api.get(ECHO)

    assert response.status_code == 200


def test_each_address_has_its_own_share_and_a_spoofed_one_none():
    for _ in range(3):
        Caller().get(ECHO, REMOTE_ADDR="192.0.2.1")

    elsewhere = Caller().get(ECHO, REMOTE_ADDR="192.0.2.2")
    spoofed = Caller().get(ECHO, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="203.0.113.5")

    assert (elsewhere.status_code, spoofed.status_code) == (200, 429)


def test_whoever_is_signed_in_counts_as_themselves_wherever_they_are():
    caller, neighbour = Caller(UserFactory()), Caller(UserFactory())
    for number in range(3):
        caller.get(ECHO, REMOTE_ADDR=f"192.0.2.{number}")

    assert caller.get(ECHO, REMOTE_ADDR="192.0.2.9").status_code == 429
    assert neighbour.get(ECHO, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_storms_of_refused_tokens_count_against_their_address():
    caller = Caller().bearer("a.b.c")

    statuses = [caller.get("/api/accounts/me/").status_code for _ in range(5)]

    assert statuses == [401, 401, 401, 429, 429]


def test_storms_of_unknown_paths_count_too(api):
    statuses = [api.get("/api/nothing/").status_code for _ in range(4)]

    assert statuses == [404, 404, 404, 429]


def test_health_is_never_limited(api):
    answers = [api.get("/api/health/live/") for _ in range(10)]

    assert {answer.status_code for answer in answers} == {200}
    assert not answers[0].has_header("RateLimit-Limit")


def test_without_redis_each_process_counts_on(api, no_redis):
    statuses = [api.get(ECHO).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]


def test_without_redis_a_strict_limit_is_shared_among_the_processes(no_redis, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10, 60)}
    settings.WEB_PROCESSES = 4

    assert SIGN_INS.rate() == (3, 60)


def test_with_redis_a_strict_limit_is_whole(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10, 60)}

    assert SIGN_INS.rate() == (10, 60)
