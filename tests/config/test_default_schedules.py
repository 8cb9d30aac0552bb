"""The periodic tasks that every installation starts with."""

import pytest
from django.conf import settings

from config.celery import app
from config.schedules import DEFAULT_SCHEDULES


@pytest.fixture(scope="module")
def registered_tasks() -> set[str]:
    app.loader.import_default_modules()
    return set(app.tasks)


@pytest.mark.parametrize("default", DEFAULT_SCHEDULES, ids=lambda default: default.name)
def test_a_default_names_a_task_that_exists_and_ends_before_its_next_run(default, registered_tasks):
    assert default.task in registered_tasks
    assert default.queue in settings.TASK_QUEUES
    assert 0 < default.expires_s < default.every.total_seconds()


def test_no_two_defaults_share_a_name():
    assert len({default.name for default in DEFAULT_SCHEDULES}) == len(DEFAULT_SCHEDULES)
