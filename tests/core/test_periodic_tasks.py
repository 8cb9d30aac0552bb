from datetime import timedelta

import pytest
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from apps.core.errors import InvalidInputError, NotFoundError
from apps.core.models import ScheduleDefault
from apps.core.periodic_tasks import (
    Cron,
    Every,
    change_period,
    is_ours,
    period_of,
    run_now,
    switch_task,
)

pytestmark = pytest.mark.django_db


def entry(**fields):
    interval, _ = IntervalSchedule.objects.get_or_create(every=30, period="seconds")
    return PeriodicTask.objects.create(
        **{"name": "Send mail", "task": "emails.send_batch", "interval": interval} | fields
    )


def test_an_interval_replaces_the_present_schedule_and_runs_expire_before_the_next():
    task = entry(expire_seconds=25)

    change_period(task_id=task.pk, period=Every(2, "hours"), by=None)

    task.refresh_from_db()
    assert task.schedule.run_every == timedelta(hours=2)
    assert task.expire_seconds == 6000
    assert period_of(task) == Every(2, "hours")


def test_a_cron_line_replaces_the_interval_and_keeps_its_zone():
    task = entry()

    change_period(task_id=task.pk, period=Cron("30 4 * * 1-5", "Europe/Berlin"), by=None)

    task.refresh_from_db()
    assert (task.interval, str(task.crontab.timezone)) == (None, "Europe/Berlin")
    assert task.expire_seconds == 72_000
    assert period_of(task) == Cron("30 4 * * 1-5", "Europe/Berlin")


def test_the_same_period_is_stored_once():
    change_period(task_id=entry(name="a").pk, period=Cron("0 4 * * *"), by=None)
    change_period(task_id=entry(name="b").pk, period=Cron("0 4 * * *"), by=None)
    change_period(task_id=entry(name="c").pk, period=Every(7, "minutes"), by=None)
    change_period(task_id=entry(name="d").pk, period=Every(7, "minutes"), by=None)

    assert CrontabSchedule.objects.filter(hour="4").count() == 1
    assert IntervalSchedule.objects.filter(every=7).count() == 1


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("* * * * *", timedelta(minutes=1)),
        ("0 8-18/2 * * *", timedelta(hours=2)),
        ("0 9 1,2 * *", timedelta(days=1)),
        ("0 0 29 2 *", timedelta(days=1461)),
    ],
)
def test_the_gap_of_a_cron_line_is_its_shortest(line, gap):
    assert Cron(line, "America/New_York").gap() == gap


@pytest.mark.parametrize(
    ("period", "field"),
    [
        (Every(4, "seconds"), "every"),
        (Every(0, "minutes"), "every"),
        (Every(367, "days"), "every"),
        (Every(10**18, "days"), "every"),
        (Cron("0 4 * *"), "cron"),
        (Cron(""), "cron"),
        (Cron("61 * * * *"), "cron"),
        (Cron("0 0 31 2 *"), "cron"),
        (Cron("*/0 * * * *"), "cron"),
        (Cron("5-1 * * * *"), "cron"),
        (Cron("@daily is not a line"), "cron"),
        (Cron("0 4 * * *", "Mars/Olympus"), "zone"),
    ],
)
def test_a_period_that_means_nothing_is_refused_and_changes_nothing(period, field):
    task = entry()

    with pytest.raises(InvalidInputError) as refused:
        change_period(task_id=task.pk, period=period, by=None)

    task.refresh_from_db()
    assert refused.value.field == field
    assert period_of(task) == Every(30, "seconds")


def test_switching_off_and_on_again_keeps_the_period():
    task = entry()

    off = switch_task(task_id=task.pk, is_on=False, by=None).enabled
    on = switch_task(task_id=task.pk, is_on=True, by=None).enabled

    assert (off, on) == (False, True)
    assert period_of(PeriodicTask.objects.get()) == Every(30, "seconds")


def test_running_now_publishes_the_task_with_its_own_arguments(
    published, django_capture_on_commit_callbacks
):
    task = entry(args="[1]", kwargs='{"limit": 2}', enabled=False)

    with django_capture_on_commit_callbacks(execute=True):
        run_now(task_id=task.pk, by=None)

    assert published == [("emails.send_batch", (1,), {"limit": 2})]


@pytest.mark.parametrize(
    "service",
    [
        lambda: change_period(task_id=0, period=Every(1, "hours"), by=None),
        lambda: switch_task(task_id=0, is_on=True, by=None),
        lambda: run_now(task_id=0, by=None),
    ],
)
def test_a_task_that_is_gone_is_not_found(service):
    with pytest.raises(NotFoundError):
        service()


def test_ours_are_those_that_sync_schedules_wrote():
    ScheduleDefault.objects.create(name="Send mail", fingerprint="x")

    assert is_ours(entry())
    assert not is_ours(entry(name="Theirs"))
