"""How background work travels: the very values that docs/operations.md promises."""

import pytest
from celery import current_app
from django.conf import settings

from apps.core import checks
from apps.core.errors import TransientError
from apps.core.task_base import BaseTask
from apps.mail.tasks import send_batch


@pytest.fixture(autouse=True)
def _tasks():
    current_app.loader.import_default_modules()


def test_messages_are_json_and_nothing_else():
    conf = current_app.conf

    assert (conf.task_serializer, conf.result_serializer, conf.accept_content) == (
        "json",
        "json",
        ["json"],
    )


def test_times_are_utc():
    assert (current_app.conf.enable_utc, current_app.conf.timezone) == (True, "UTC")


def test_a_task_whose_worker_dies_is_delivered_again():
    conf = current_app.conf

    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1


def test_results_are_kept_nowhere():
    conf = current_app.conf

    assert (conf.result_backend, conf.task_ignore_result, conf.result_expires) == (None, True, None)


def test_the_broker_is_given_up_on_quickly_and_abandoned_messages_are_found_quickly():
    assert current_app.conf.broker_transport_options == {
        "visibility_timeout": 1800,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
        "max_retries": 0,
    }
    assert current_app.conf.task_publish_retry is False


def test_every_task_has_a_hard_and_a_soft_time_limit():
    conf = current_app.conf

    assert (conf.task_time_limit, conf.task_soft_time_limit) == (300, 270)
    assert (send_batch.time_limit, send_batch.soft_time_limit) == (240, 210)


def test_a_worker_ends_gracefully_and_is_renewed_now_and_then():
    conf = current_app.conf

    assert conf.worker_soft_shutdown_timeout == 20
    assert conf.worker_max_tasks_per_child == 1000
    assert conf.worker_hijack_root_logger is False


def test_the_queues_are_known_and_no_other_comes_into_being():
    conf = current_app.conf

    assert [(queue.name, queue.routing_key) for queue in conf.task_queues] == [
        ("emails", "emails"),
        ("content", "content"),
        ("default", "default"),
    ]
    assert conf.task_create_missing_queues is False
    assert conf.task_default_queue == "default"
    assert conf.task_routes == {
        "emails.*": {"queue": "emails", "routing_key": "emails"},
        "content.*": {"queue": "content", "routing_key": "content"},
        "default.*": {"queue": "default", "routing_key": "default"},
    }


def test_beat_is_ours():
    assert current_app.conf.beat_scheduler == "apps.core.beat.LeaderScheduler"
    assert current_app.conf.beat_max_loop_interval == 5


def test_retries_are_few_and_far_shorter_than_the_visibility_timeout():
    assert (BaseTask.max_retries, BaseTask.retry_backoff_max, BaseTask.retry_jitter) == (
        5,
        300,
        True,
    )
    assert BaseTask.autoretry_for == (TransientError,)
    assert checks.check_retries_end_before_redelivery() == []


def test_a_visibility_timeout_that_is_too_short_is_an_error(settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}

    (error,) = checks.check_retries_end_before_redelivery()

    assert error.id == "core.E001"


def test_mail_tasks_do_not_retry():
    retries = {
        name: task.autoretry_for
        for name, task in current_app.tasks.items()
        if name.startswith("emails.s")
    }

    assert retries == {"emails.send_batch": (), "emails.send_test_mail": ()}


def test_the_database_gives_up_too(settings):
    options = settings.DATABASES["default"]["OPTIONS"]["options"]

    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
    assert settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == 5
    for limit in (
        "statement_timeout=60000",
        "lock_timeout=10000",
        "idle_in_transaction_session_timeout=60000",
    ):
        assert limit in options


def test_leases_outlive_runs_and_runs_end_before_their_time_limit():
    assert send_batch.soft_time_limit >= settings.MAIL_RUN_S + settings.MAIL_MESSAGE_S
    assert send_batch.time_limit < settings.MAIL_LEASE_S
