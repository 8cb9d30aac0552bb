"""Enqueueing: after commit, after the answer, and never at the caller's cost."""

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.core import queue
from apps.core.after_answer import after_answer, open_request, run_waiting
from apps.core.breaker import Breaker


@pytest.fixture
def published(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=60))
    monkeypatch.setattr(
        queue.current_app, "send_task", lambda task, **options: sent.append((task, options))
    )
    return sent


@pytest.fixture
def refusing(monkeypatch):
    tried = []

    def refuse(task, **options):
        tried.append(task)
        raise OperationalError("Error 111 connecting")

    monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=60))
    monkeypatch.setattr(queue.current_app, "send_task", refuse)
    return tried


@pytest.mark.django_db(transaction=True)
def test_a_task_is_published_to_its_queue_after_commit(published):
    with transaction.atomic():
        queue.enqueue("emails.send_batch", 7, wait=True)
        assert published == []

    assert published == [
        (
            "emails.send_batch",
            {
                "args": (7,),
                "kwargs": {"wait": True},
                "queue": "emails",
                "routing_key": "emails",
                "headers": {"request_id": None},
            },
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_publishes_nothing(published):
    with transaction.atomic():
        queue.enqueue("emails.send_batch")
        transaction.set_rollback(True)

    assert published == []


@pytest.mark.django_db(transaction=True)
def test_within_a_request_the_answer_goes_first(published):
    open_request()
    queue.enqueue("emails.send_batch")
    assert published == []

    run_waiting()

    assert [task for task, _ in published] == ["emails.send_batch"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_asked_once_and_then_left_alone(refusing):
    for _ in range(5):
        queue.enqueue("emails.send_batch")

    assert refusing == ["emails.send_batch"]


@pytest.mark.django_db(transaction=True)
def test_after_the_pause_the_broker_is_asked_again(refusing, monkeypatch):
    monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=0))

    queue.enqueue("emails.send_batch")
    queue.enqueue("emails.send_batch")

    assert len(refusing) == 2


def test_one_failure_after_the_answer_stops_nothing_else():
    done = []

    def fail():
        raise ValueError("one of several")

    open_request()
    after_answer(fail)
    after_answer(lambda: done.append("the other"))
    run_waiting()

    assert done == ["the other"]
