"""The default periodic tasks: written without overwriting what an admin changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from apps.core.models import ScheduleDefault
from apps.core.schedules import sync_schedules
from config.schedules import DEFAULT_SCHEDULES, DefaultSchedule

pytestmark = pytest.mark.django_db

TICK = DefaultSchedule("Tick", "default.record_heartbeat", timedelta(seconds=30), "Ticks.")


@pytest.fixture(autouse=True)
def _nothing_scheduled():
    PeriodicTask.objects.all().delete()
    ScheduleDefault.objects.all().delete()


def entry():
    return PeriodicTask.objects.select_related("interval").get(name="Tick")


def test_an_unknown_entry_is_created_whole():
    assert sync_schedules([TICK]) == {"Tick": "created"}

    written = entry()
    assert (
        written.task,
        written.queue,
        written.routing_key,
        written.interval.schedule.run_every,
        written.expire_seconds,
        written.description,
        written.enabled,
    ) == (
        "default.record_heartbeat",
        "default",
        "default",
        timedelta(seconds=30),
        25,
        "Ticks.",
        True,
    )


def test_a_second_time_changes_nothing():
    sync_schedules([TICK])
    before = PeriodicTask.objects.values().get()

    assert sync_schedules([TICK]) == {"Tick": "unchanged"}

    assert PeriodicTask.objects.values().get() == before
    assert IntervalSchedule.objects.count() == 1


@pytest.mark.parametrize(
    "new",
    [
        replace(TICK, every=timedelta(minutes=1)),
        replace(TICK, task="emails.record_heartbeat"),
        replace(TICK, description="Ticks more."),
    ],
)
def test_an_entry_as_we_wrote_it_follows_our_default(new):
    sync_schedules([TICK])

    assert sync_schedules([new]) == {"Tick": "updated"}
    assert sync_schedules([new]) == {"Tick": "unchanged"}

    written = entry()
    assert (written.task, written.queue, written.description, written.expire_seconds) == (
        new.task,
        new.queue,
        new.description,
        new.expires_s,
    )
    assert written.interval.schedule.run_every == new.every


def slow_down(task):
    task.interval, _ = IntervalSchedule.objects.get_or_create(every=5, period="minutes")


def make_crontab(task):
    task.interval = None
    task.crontab = CrontabSchedule.objects.create(minute="0", hour="*", timezone="UTC")


def switch_off(task):
    task.enabled = False


def describe(task):
    task.description = "Ours."


@pytest.mark.parametrize("edit", [slow_down, make_crontab, switch_off, describe])
def test_what_an_admin_changed_stays_so(edit):
    sync_schedules([TICK])
    task = entry()
    edit(task)
    task.save()
    before = PeriodicTask.objects.values().get()

    assert sync_schedules([replace(TICK, every=timedelta(hours=1))]) == {"Tick": "kept as edited"}

    assert PeriodicTask.objects.values().get() == before


def test_what_an_admin_deleted_stays_deleted():
    sync_schedules([TICK])
    entry().delete()

    assert sync_schedules([TICK]) == {"Tick": "kept deleted"}
    assert not PeriodicTask.objects.filter(name="Tick").exists()


def test_what_an_admin_had_before_us_under_our_name_is_left_alone():
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="Tick", task="default.other", interval=interval)

    assert sync_schedules([TICK]) == {"Tick": "kept as edited"}
    assert entry().task == "default.other"


def test_a_default_that_we_drop_is_disabled_not_deleted():
    sync_schedules([TICK])

    assert sync_schedules([]) == {"Tick": "disabled"}

    assert not entry().enabled
    assert not ScheduleDefault.objects.exists()


def test_a_dropped_default_that_an_admin_deleted_is_forgotten():
    sync_schedules([TICK])
    entry().delete()

    assert sync_schedules([]) == {"Tick": "already gone"}
    assert not ScheduleDefault.objects.exists()


def test_an_admins_own_entries_are_never_touched():
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="Theirs", task="default.other", interval=interval)
    before = PeriodicTask.objects.values().get(name="Theirs")

    sync_schedules([TICK])
    sync_schedules([])

    assert PeriodicTask.objects.values().get(name="Theirs") == before


def test_running_one_does_not_count_as_editing_it():
    sync_schedules([TICK])
    task = entry()
    task.total_run_count += 5
    task.last_run_at = task.date_changed
    task.save()

    assert sync_schedules([replace(TICK, description="Changed.")]) == {"Tick": "updated"}


def test_every_default_names_a_registered_task_and_expires_before_its_next_run():
    current_app.loader.import_default_modules()

    for default in DEFAULT_SCHEDULES:
        assert default.task in current_app.tasks
        assert default.queue in ("emails", "content", "default")
        assert 0 < default.expires_s < default.every.total_seconds()


def test_the_names_are_unique():
    assert len({default.name for default in DEFAULT_SCHEDULES}) == len(DEFAULT_SCHEDULES)


def test_planning_and_sending_tick_every_half_minute_and_planning_not_behind_content():
    by_task = {default.task: default for default in DEFAULT_SCHEDULES}

    for task, queue in (("default.plan_deliveries", "default"), ("emails.send_batch", "emails")):
        assert by_task[task].every == timedelta(seconds=30)
        assert by_task[task].queue == queue


def test_the_command_writes_the_defaults(capsys):
    call_command("sync_schedules")

    assert PeriodicTask.objects.filter(enabled=True).count() == len(DEFAULT_SCHEDULES)
    assert capsys.readouterr().out.splitlines() == [f"{d.name}: created" for d in DEFAULT_SCHEDULES]
