from contextlib import closing
from datetime import timedelta
from io import StringIO

import pytest
import redis
import tzdata
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.core.beat import LeaderLock
from apps.core.clock import zone_names
from apps.core.doctor import State, data, fail, ok, registry, warn, work
from apps.core.models import Heartbeat
from apps.core.services import raise_alert

NAMES = ("beat", "planner", "sender", "queue.emails", "queue.content", "queue.default")


def lines(check) -> list[str]:
    return [str(finding) for finding in check()]


@pytest.fixture
def checks(monkeypatch) -> list:
    found: list = []
    monkeypatch.setattr(registry, "_checks", found)
    return found


def test_each_finding_is_one_line_with_what_to_do():
    assert str(ok("clock", "right.")) == "ok    clock: right."
    assert str(warn("clock", "late.", "Wind it.")) == "warn  clock: late. Do: Wind it."
    assert str(fail("clock", "gone.", "Buy one.")) == "fail  clock: gone. Do: Buy one."


def test_it_ends_well_when_nothing_fails(checks):
    checks += [("a", lambda: [ok("a", "well.")]), ("b", lambda: [warn("b", "so so.", "Look.")])]
    said = StringIO()

    call_command("doctor", stdout=said)

    assert said.getvalue() == "ok    a: well.\nwarn  b: so so. Do: Look.\n"


def test_it_ends_with_an_error_when_something_fails_and_still_says_all(checks):
    checks += [("a", lambda: [fail("a", "dead.", "Mend.")]), ("b", lambda: [ok("b", "well.")])]
    said = StringIO()

    with pytest.raises(CommandError, match="1 of these do not work"):
        call_command("doctor", stdout=said)

    assert said.getvalue().splitlines()[1] == "ok    b: well."


def test_a_check_that_breaks_is_a_finding_and_stops_no_other(checks):
    checks += [("a", lambda: [1 / 0]), ("b", lambda: [ok("b", "well.")])]

    assert [str(finding) for finding in registry.examine()] == [
        "fail  a: could not be looked at: division by zero. Do: Mend what is said above first.",
        "ok    b: well.",
    ]


def test_every_app_has_registered_what_it_knows():
    assert [about for about, _ in registry._checks] == [
        "settings",
        "database",
        "clock",
        "zones",
        "broker",
        "cache",
        "static files",
        "signs of life",
        "leader",
        "alerts",
        "sending",
        "mail server",
        "mail domain",
        "audience",
    ]


def test_settings_that_should_not_be_so_in_production_are_named(settings):
    settings.DEBUG = settings.DEMO = True
    settings.JWT_SIGNING_KEY = settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = ["an-old-one"]
    settings.METRICS_TOKEN = ""

    assert [finding.state for finding in data.check_settings()] == [
        State.WARN,
        State.FAIL,
        State.FAIL,
        State.OK,
        State.WARN,
        State.OK,
    ]


def test_a_site_without_tls_fails_in_production_alone(settings):
    settings.METRICS_TOKEN = "a-token-for-the-metrics"
    settings.SITE_URL = "http://challenge.example"

    said = lines(data.check_settings)

    assert said[0] == "fail  settings: SITE_URL has no TLS; sign-ins can be read. Do: Use https."


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_well():
    (said,) = lines(data.check_database)

    assert said.startswith("ok    database: PostgreSQL 18")


@pytest.mark.django_db
def test_a_database_that_waits_for_migrations_fails():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notifications'")

    assert lines(data.check_database) == [
        "fail  database: The database waits for migrations. Do: Start it, or run manage.py migrate."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("away_s", "state"), [(0, "ok"), (5, "warn"), (40, "fail")])
def test_a_clock_that_goes_wrong_is_noticed(monkeypatch, away_s, state):
    now = timezone.now
    monkeypatch.setattr(data.timezone, "now", lambda: now() + timedelta(seconds=away_s))

    (said,) = lines(data.check_clock)

    assert said.startswith(f"{state:<4}  clock: ")


def test_zone_data_that_are_older_than_the_systems_are_noticed(monkeypatch, tmp_path):
    (tmp_path / "tzdata.zi").write_text("# version 2999a\nrest\n")
    monkeypatch.setattr(data, "SYSTEM_ZONES", (str(tmp_path),))

    (newer,) = lines(data.check_zones)
    monkeypatch.setattr(data, "SYSTEM_ZONES", ("",))
    (none,) = lines(data.check_zones)
    monkeypatch.setattr(data.zoneinfo, "TZPATH", ("/usr/share/zoneinfo",))
    (other,) = lines(data.check_zones)

    assert newer.startswith("warn  zones: ")
    assert "the system has 2999a already. Do: Pin a newer tzdata" in newer
    assert (
        none
        == f"ok    zones: {len(zone_names())} zones of the pinned tzdata {tzdata.IANA_VERSION}."
    )
    assert other.startswith("fail  zones: zone data of /usr/share/zoneinfo go before")


@pytest.fixture
def servers(settings):
    """The session's broker, set to what a test wants and put back."""
    with closing(redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)) as client:
        names = ("maxmemory-policy", "appendonly")
        before = {name: client.config_get(name)[name] for name in names}
        yield lambda **wanted: [
            client.config_set(k.replace("_", "-"), v) for k, v in wanted.items()
        ]
        for name, value in before.items():
            client.config_set(name, value)


def test_a_broker_that_keeps_everything_is_well(servers):
    servers(appendonly="yes", maxmemory_policy="noeviction")

    (said,) = lines(data.check_broker)

    assert said.startswith("ok    broker: Valkey 9")


def test_a_broker_that_forgets_is_noticed(servers):
    servers(appendonly="no", maxmemory_policy="allkeys-lru")

    evicts, forgets, _ = lines(data.check_broker)

    assert evicts == (
        "fail  broker: evicts messages when it is full (allkeys-lru). "
        "Do: Set maxmemory-policy noeviction."
    )
    assert forgets.startswith("warn  broker: forgets its messages when it restarts.")


def test_a_broker_and_a_cache_that_are_away_are_told_apart(settings):
    settings.BROKER_URL = settings.CACHE_URL = "redis://127.0.0.1:1/0"

    (broker,) = lines(data.check_broker)
    (cache,) = lines(data.check_cache)

    assert broker.startswith("fail  broker: does not answer (")
    assert cache.startswith("warn  cache: does not answer (")


def test_a_cache_beside_the_queue_is_noticed(servers):
    servers(maxmemory_policy="allkeys-lru")

    assert lines(data.check_cache)[0].startswith("warn  cache: shares a server with the queue")


def test_a_cache_of_its_own_must_evict(settings, servers):
    settings.BROKER_URL = "redis://broker.example:6379/0"

    servers(maxmemory_policy="noeviction")
    full = lines(data.check_cache)
    servers(maxmemory_policy="allkeys-lru")
    well = lines(data.check_cache)

    assert full[0].startswith("warn  cache: does not evict")
    assert [said[:2] for said in well] == ["ok"]


def test_static_files_that_were_not_collected_fail(settings, tmp_path):
    assert lines(data.check_static_files) == [
        "ok    static files: served as they lie, as is right for a look."
    ]

    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

    assert lines(data.check_static_files) == [
        "fail  static files: were not collected. Do: Run manage.py collectstatic."
    ]


@pytest.mark.django_db
def test_whoever_has_given_no_sign_of_life_is_named():
    now = timezone.now()
    for name in NAMES[1:]:
        Heartbeat.objects.create(name=name, beat_at=now)
    Heartbeat.objects.filter(name="queue.emails").update(beat_at=now - timedelta(seconds=100))

    assert lines(work.check_signs_of_life) == [
        "fail  beat: has never given a sign of life. Do: Start a beat.",
        "ok    planner: alive.",
        "ok    sender: alive.",
        "fail  queue.emails: has been silent for 100 s. Do: Start a worker of the queue emails.",
        "ok    queue.content: alive.",
        "ok    queue.default: alive.",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_leader_is_known_by_its_lock():
    lock = LeaderLock()
    assert lines(work.check_leader)[0].startswith("fail  leader: no beat leads")

    try:
        assert lock.hold()
        assert lines(work.check_leader) == ["ok    leader: one beat leads."]
    finally:
        lock.drop()


@pytest.mark.django_db
def test_open_alerts_are_named_by_kind():
    assert lines(work.check_alerts) == ["ok    alerts: none is open."]

    raise_alert("supply_low", key="1")
    raise_alert("supply_low", key="2")
    raise_alert("task_failed", key="x")

    assert lines(work.check_alerts) == [
        "warn  alerts: 3 open: supply_low, task_failed. Do: Look at them in the admin."
    ]
