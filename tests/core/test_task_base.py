"""What every background task has in common."""

import json
import logging

import pytest
from celery import Celery
from celery.exceptions import Retry

from apps.core.errors import TransientError
from apps.core.models import Alert
from apps.core.task_base import BaseTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def app():
    app = Celery("base-test", broker="memory://", task_cls=BaseTask, set_as_current=False)
    app.conf.update(task_ignore_result=True, task_default_queue="default")
    yield app
    app.close()


@pytest.fixture
def task(app):
    """A task that does what its argument says."""

    @app.task(name="default.try_something")
    def try_something(deed="nothing"):
        if deed == "fail":
            raise ValueError("broken")
        if deed == "pass":
            raise TransientError("away for now")
        return {"did": deed}

    return try_something


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.DEBUG, "celery.task")
    return lambda: [r.msg for r in caplog.records if r.name == "celery.task"]


def test_start_and_end_are_one_line_each_with_who_and_how_long(task, lines):
    task.apply(task_id="t-1", headers={"request_id": "r-42"})

    started, finished = lines()
    known = {"task": "default.try_something", "task_id": "t-1", "request_id": "r-42"}
    assert (started["event"], finished["event"]) == ("task_started", "task_finished")
    for line in (started, finished):
        assert {name: line[name] for name in known} == known
        assert "queue" in line
    assert finished["result"] == {"did": "nothing"}
    assert finished["duration_s"] >= 0


def test_a_failure_is_logged_and_raises_one_alert(task, lines):
    for _ in range(2):
        task.apply(args=["fail"], task_id="t-1", throw=False)

    failed = [line for line in lines() if line["event"] == "task_failed"]
    assert len(failed) == 2
    assert "ValueError('broken')" in failed[0]["error"]
    assert "Traceback" in failed[0]["traceback"]
    alert = Alert.objects.get()
    assert (alert.kind, alert.key, alert.raised_count) == (
        "task_failed",
        "default.try_something",
        2,
    )
    assert alert.detail == {"task_id": "t-1", "error": "ValueError('broken')"}


def test_a_failure_that_may_pass_is_retried_five_times_and_then_raises_an_alert(task, lines):
    task.apply(args=["pass"], throw=False)

    events = [line["event"] for line in lines()]
    assert events.count("task_retried") == 5
    assert events.count("task_failed") == 1
    assert Alert.objects.get().detail["error"] == "TransientError('away for now')"


def test_any_other_failure_is_not_retried(task, lines):
    task.apply(args=["fail"], throw=False)

    assert "task_retried" not in [line["event"] for line in lines()]


def test_retries_wait_longer_and_longer_and_never_more_than_five_minutes(task, monkeypatch):
    countdowns = []

    def note(self, *args, countdown=None, **kwargs):
        countdowns.append(countdown)
        raise Retry

    monkeypatch.setattr(BaseTask, "retry", note)
    monkeypatch.setattr("celery.utils.time.random.randrange", lambda limit: limit - 1)
    for retries in range(8):
        task.apply(args=["pass"], retries=retries, throw=False)

    assert countdowns == [5, 10, 20, 40, 80, 160, 300, 300]


def test_a_result_can_be_logged_as_json(task, lines):
    task.apply(args=["something"])

    assert json.dumps(lines()[-1])
