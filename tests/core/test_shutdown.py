"""Children of a worker notice that it was asked to end."""

import multiprocessing

import pytest
from celery.signals import worker_ready, worker_shutting_down

from apps.core.shutdown import is_worker_stopping


@pytest.fixture(autouse=True)
def _begin_again():
    worker_ready.send(sender=None)
    yield
    worker_ready.send(sender=None)


def answer_when_asked(questions, answers):
    while questions.get() == "stopping?":
        answers.put(is_worker_stopping())


def test_a_forked_child_sees_what_its_parent_is_told():
    fork = multiprocessing.get_context("fork")
    questions, answers = fork.SimpleQueue(), fork.SimpleQueue()
    child = fork.Process(target=answer_when_asked, args=[questions, answers])
    child.start()

    questions.put("stopping?")
    before = answers.get()
    worker_shutting_down.send(sender="w", sig="SIGTERM", how="Warm", exitcode=0)
    questions.put("stopping?")
    after = answers.get()
    questions.put("no more")
    child.join()

    assert (before, after) == (False, True)


def test_a_process_that_is_no_worker_is_not_stopping():
    assert not is_worker_stopping()
