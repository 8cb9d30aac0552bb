"""live/, ready/ and status/: what each looks at, and who sees how much."""

from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone

from apps.core import health
from apps.core.models import Heartbeat
from apps.core.services import record_heartbeat
from tests.api import METHOD_NOT_ALLOWED, problem

NAMES = ("beat", "planner", "sender", "queue.emails", "queue.content", "queue.default")


@pytest.fixture
def all_alive(db):
    for name in NAMES:
        record_heartbeat(name, {"pid": 7})


def refuse(*args, **kwargs):
    raise OperationalError("connection refused at /secret/socket")


def test_live_answers_without_touching_anything(api, monkeypatch):
    def touch(*args, **kwargs):
        raise AssertionError("live/ asked Redis")

    # The database refuses by itself: this test does not ask for it.
    monkeypatch.setattr(redis.ConnectionPool, "get_connection", touch)

    response = api.get("/api/health/live/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_asks_the_database_once(api, django_assert_num_queries):
    health._wanted_migrations()

    with django_assert_num_queries(2):
        response = api.get("/api/health/ready/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_is_503_without_the_database(api, monkeypatch):
    monkeypatch.setattr(connection, "cursor", refuse)

    response = api.get("/api/health/ready/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == problem(503, "not_ready", "The database cannot be reached.")


@pytest.mark.django_db
def test_ready_is_503_until_every_migration_is_applied(api, monkeypatch):
    wanted = health._wanted_migrations() | {("core", "9999_from_tomorrow")}
    monkeypatch.setattr(health, "_wanted_migrations", lambda: wanted)

    response = api.get("/api/health/ready/")

    assert response.json() == problem(503, "not_ready", "The database waits for migrations.")


@pytest.mark.django_db
def test_ready_stays_green_without_redis_and_workers(api, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/1"}
    }

    assert api.get("/api/health/ready/").status_code == 200


def test_status_names_every_component_to_anybody_and_no_details(api, all_alive):
    response = api.get("/api/health/status/")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "status": "ok",
        "checks": [
            {"name": name, "status": "ok", "detail": None}
            for name in ("database", "cache", "broker", *NAMES)
        ],
    }


def test_status_shows_details_to_admins(admin, all_alive):
    checks = {check["name"]: check for check in admin.get("/api/health/status/").json()["checks"]}

    assert checks["beat"]["detail"]["pid"] == 7
    assert checks["beat"]["detail"]["age_s"] == 0
    assert checks["database"]["detail"] == {}


def test_status_shows_details_to_the_metrics_token(api, settings, all_alive):
    settings.METRICS_TOKEN = "a-token-for-monitors"

    checks = api.bearer("a-token-for-monitors").get("/api/health/status/").json()["checks"]

    assert checks[-1]["detail"]["pid"] == 7


@pytest.mark.parametrize("configured", ["", "a-token-for-monitors"])
def test_a_wrong_metrics_token_is_401(api, settings, db, configured):
    settings.METRICS_TOKEN = configured

    assert api.bearer("another").get("/api/health/status/").status_code == 401


def test_status_shows_no_details_to_curators_and_subscribers(curator, signed_in, all_alive):
    for caller in (curator, signed_in):
        checks = caller.get("/api/health/status/").json()["checks"]

        assert {check["detail"] for check in checks} == {None}


@pytest.mark.parametrize(
    ("silent", "overall"),
    [("beat", "down"), ("planner", "down"), ("sender", "down"), ("queue.content", "degraded")],
)
def test_whoever_is_silent_for_ninety_seconds_is_down(api, all_alive, silent, overall):
    Heartbeat.objects.filter(name=silent).update(beat_at=timezone.now() - timedelta(seconds=91))

    body = api.get("/api/health/status/").json()

    assert body["status"] == overall
    assert [check["name"] for check in body["checks"] if check["status"] == "down"] == [silent]


def test_whoever_never_beat_is_down(api, all_alive):
    Heartbeat.objects.filter(name="sender").delete()

    assert api.get("/api/health/status/").json()["status"] == "down"


def test_status_answers_without_the_database(api, monkeypatch):
    monkeypatch.setattr(connection, "cursor", refuse)

    body = api.get("/api/health/status/").json()

    assert body["status"] == "down"
    assert {check["name"] for check in body["checks"] if check["status"] == "down"} == {
        "database",
        *NAMES,
    }


def test_a_broker_that_is_away_degrades(api, all_alive, monkeypatch):
    monkeypatch.setattr(health, "_broker", lambda: health.Check("broker", "down"))

    assert api.get("/api/health/status/").json()["status"] == "degraded"


@pytest.mark.parametrize("name", ["live", "ready", "status"])
def test_other_methods_are_refused(api, db, name):
    response = api.post(f"/api/health/{name}/", {})

    assert (response.status_code, response.json()) == (405, METHOD_NOT_ALLOWED)
