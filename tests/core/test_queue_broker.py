"""Enqueueing with a real broker, and with one that refuses or hangs."""

import json
import os
import socket
import time

import pytest
import redis
import structlog
from celery import Celery
from celery.app.task import Context
from django.conf import settings

from apps.core import queue
from apps.core.breaker import Breaker
from apps.core.queue import enqueue
from config.local.valkey import free_port

pytestmark = pytest.mark.django_db(transaction=True)
URL = f"{os.environ['REDIS_URL']}/6"


def app_at(url):
    """The platform's Celery settings, with another broker."""
    app = Celery("queue-test", broker=url, set_as_current=False)
    names = [name for name in dir(settings) if name.startswith("CELERY_")]
    conf = {name.removeprefix("CELERY_").lower(): getattr(settings, name) for name in names}
    app.conf.update(conf | {"broker_url": url})
    return app


@pytest.fixture
def use(monkeypatch):
    """Makes `enqueue` publish to the broker at an address."""
    apps = []

    def install(url):
        apps.append(app_at(url))
        monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=60))
        monkeypatch.setattr(queue, "current_app", apps[-1])

    yield install
    for app in apps:
        app.close()


@pytest.fixture
def broker(use):
    use(URL)
    with redis.Redis.from_url(URL) as client:
        client.flushdb()
        yield client


def messages(broker, name="default"):
    return [json.loads(raw) for raw in broker.lrange(name, 0, -1)]


@pytest.mark.parametrize("name", ["emails", "content", "default"])
def test_the_first_word_of_the_name_is_the_queue(broker, name):
    enqueue(f"{name}.record_heartbeat")

    (message,) = messages(broker, name)
    assert message["properties"]["delivery_info"]["routing_key"] == name
    assert message["headers"]["task"] == f"{name}.record_heartbeat"


def test_arguments_travel_as_json(broker):
    enqueue("content.draft_problem", 7, tags=["python"])

    (message,) = messages(broker, "content")
    assert message["content-type"] == "application/json"
    assert message["headers"]["argsrepr"] == "(7,)"
    assert message["headers"]["kwargsrepr"] == "{'tags': ['python']}"


def test_the_request_id_reaches_the_task(broker):
    with structlog.contextvars.bound_contextvars(request_id="r-42"):
        enqueue("default.record_heartbeat")

    (message,) = messages(broker)
    assert Context(message["headers"]).headers["request_id"] == "r-42"


def warnings(caplog):
    return [r.msg["event"] for r in caplog.records if r.name == "apps.core.breaker"]


def test_a_broker_that_refuses_is_given_up_on_at_once(use, caplog):
    use(f"redis://127.0.0.1:{free_port()}/0")
    began = time.monotonic()

    enqueue("emails.send_batch")

    assert time.monotonic() - began < 2
    assert warnings(caplog) == ["broker_away"]


def test_a_broker_that_accepts_and_never_answers_is_given_up_on(use, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()

        enqueue("emails.send_batch")
        enqueue("emails.send_batch")

        assert time.monotonic() - began < 12
    assert warnings(caplog) == ["broker_away"]
