"""Two beats at once: exactly one leads, and the other takes over."""

import os
from datetime import timedelta

import psycopg2
import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from apps.core import beat
from apps.core.beat import FOLLOWER_WAIT_S, LeaderScheduler
from apps.core.models import Heartbeat
from tests.waiting import until

# The scheduler closes old connections, a test transaction with them.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker():
    with redis.Redis.from_url(f"{os.environ['REDIS_URL']}/6") as client:
        client.flushdb()
        yield client


@pytest.fixture
def app(broker):
    names = ("task_queues", "task_default_queue", "task_default_exchange", "timezone")
    app = Celery("beat-test", broker=f"{os.environ['REDIS_URL']}/6", set_as_current=False)
    app.conf.update({name: getattr(settings, f"CELERY_{name.upper()}") for name in names})
    yield app
    app.close()


@pytest.fixture
def begin(app):
    """Starts one more beat; all are closed in the end."""
    beats = []

    def new():
        beats.append(LeaderScheduler(app=app))
        return beats[-1]

    yield new
    for scheduler in beats:
        scheduler.close()


@pytest.fixture
def every_second():
    """One entry that has been due for a minute."""
    interval = IntervalSchedule.objects.create(every=1, period="seconds")
    return PeriodicTask.objects.create(
        name="Tick",
        task="default.record_heartbeat",
        interval=interval,
        queue="default",
        last_run_at=timezone.now() - timedelta(minutes=1),
    )


def kill_connection(scheduler):
    """What a restart of the database, or of a router between, does to the leader's connection."""
    pid = scheduler._lock._connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def is_led_by(scheduler):
    scheduler.tick()
    return scheduler._led


def test_of_two_beats_one_leads_and_sends(begin, broker, every_second):
    first, second = begin(), begin()

    waits = [first.tick(), second.tick()]

    assert waits[0] < FOLLOWER_WAIT_S
    assert waits[1] == FOLLOWER_WAIT_S
    assert until(lambda: first.tick() >= 0 and broker.llen("default")) >= 1
    assert second.tick() == FOLLOWER_WAIT_S


def test_when_the_leaders_connection_dies_the_other_one_leads(begin, every_second):
    first, second = begin(), begin()
    assert is_led_by(first)

    kill_connection(first)

    assert until(lambda: is_led_by(second))
    assert not is_led_by(first)
    assert until(lambda: is_led_by(second))


def test_a_leader_that_lost_its_connection_sends_nothing_at_that_tick(begin, broker, every_second):
    leader = begin()
    leader.tick()
    sent = broker.llen("default")
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(minutes=1))
    kill_connection(leader)

    assert leader.tick() == FOLLOWER_WAIT_S
    assert broker.llen("default") == sent


def test_alone_it_leads_again_after_its_connection_died(begin):
    only = begin()
    only.tick()
    kill_connection(only)

    assert [is_led_by(only), is_led_by(only)] == [False, True]


def test_a_new_leader_knows_what_was_changed_and_run_before_it_led(begin, broker, every_second):
    first, second = begin(), begin()
    first.tick()
    second.tick()
    every_second.refresh_from_db()
    PeriodicTask.objects.filter(pk=every_second.pk).update(enabled=False)
    PeriodicTasks.update_changed()
    sent = broker.llen("default")

    first.close()

    assert until(lambda: is_led_by(second))
    assert broker.llen("default") == sent
    assert second.schedule.keys() == set()


def test_a_beat_that_ends_lets_go(begin):
    first, second = begin(), begin()
    assert is_led_by(first)

    first.close()

    assert until(lambda: is_led_by(second))


def test_only_the_leader_shows_life(begin):
    leader, follower = begin(), begin()
    leader.tick()
    Heartbeat.objects.all().delete()

    follower.tick()

    assert not Heartbeat.objects.exists()


def test_a_heartbeat_that_cannot_be_written_does_not_stop_the_clock(
    begin, monkeypatch, broker, every_second
):
    def fail(name):
        raise DatabaseError("away")

    monkeypatch.setattr(beat, "record_heartbeat", fail)
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)

    scheduler = begin()

    assert until(lambda: scheduler.tick() >= 0 and broker.llen("default")) >= 1


def test_a_database_that_is_away_makes_a_follower_not_a_crash(begin, monkeypatch):
    def refuse():
        raise psycopg2.OperationalError("connection refused")

    monkeypatch.setattr(beat, "_direct_connection", refuse)

    assert begin().tick() == FOLLOWER_WAIT_S


def test_the_lock_goes_past_a_pooler_when_its_address_is_known(begin, settings):
    parameters = connection.get_connection_params()
    settings.DATABASE_DIRECT_URL = (
        f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
        "&application_name=direct"
    )
    leader = begin()

    leader.tick()

    assert leader._lock._connection.info.dsn_parameters["application_name"] == "direct"


def test_the_lock_is_not_held_in_a_transaction(begin):
    leader = begin()
    leader.tick()
    pid = leader._lock._connection.info.backend_pid

    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid])
        assert cursor.fetchone() == ("idle",)
