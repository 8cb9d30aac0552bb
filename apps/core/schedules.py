"""Writes the default periodic tasks without ever overwriting what an admin changed."""

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.models import ScheduleDefault


class Default(Protocol):
    """What is needed of an entry of config.schedules."""

    @property
    def name(self) -> str: ...

    @property
    def task(self) -> str: ...

    @property
    def every(self) -> timedelta: ...

    @property
    def description(self) -> str: ...

    @property
    def queue(self) -> str: ...

    @property
    def expires_s(self) -> int: ...


@transaction.atomic
def sync_schedules(defaults: Iterable[Default]) -> dict[str, str]:
    """Bring the stored entries in line with our defaults; returns what was done, by name.

    Idempotent.

    Unknown: created. Still as we last wrote it: updated. Changed by an admin: kept. Deleted by an
    admin: stays deleted. No longer among the defaults: disabled.
    """
    written = {row.name: row for row in ScheduleDefault.objects.select_for_update()}
    entries = {
        task.name: task for task in PeriodicTask.objects.select_related("interval", "crontab")
    }
    done = {}
    for default in defaults:
        done[default.name] = _sync_one(
            default, entries.get(default.name), written.pop(default.name, None)
        )
    for name, dropped in written.items():
        done[name] = _disable(dropped, entries.get(name))
    return done


def _sync_one(default: Default, entry: PeriodicTask | None, written: ScheduleDefault | None) -> str:
    if entry is None:
        if written is not None:
            return "kept deleted"
        return _write(default, PeriodicTask(name=default.name), "created")
    if written is None or fingerprint(entry) != written.fingerprint:
        return "kept as edited"
    if _is_current(default, entry):
        return "unchanged"
    return _write(default, entry, "updated")


def _write(default: Default, entry: PeriodicTask, done: str) -> str:
    interval, _ = IntervalSchedule.objects.get_or_create(
        every=int(default.every.total_seconds()), period=IntervalSchedule.SECONDS
    )
    entry.interval, entry.crontab = interval, None
    entry.task, entry.queue, entry.routing_key = default.task, default.queue, default.queue
    entry.expire_seconds, entry.description = default.expires_s, default.description
    entry.enabled = True
    entry.save()
    ScheduleDefault.objects.update_or_create(
        name=default.name, defaults={"fingerprint": fingerprint(entry)}
    )
    return done


def _is_current(default: Default, entry: PeriodicTask) -> bool:
    return (
        entry.task == default.task
        and entry.interval is not None
        and entry.interval.schedule.run_every == default.every
        and entry.expire_seconds == default.expires_s
        and entry.description == default.description
    )


def _disable(dropped: ScheduleDefault, entry: PeriodicTask | None) -> str:
    dropped.delete()
    if entry is None or not entry.enabled:
        return "already gone"
    entry.enabled = False
    entry.save()
    return "disabled"


def fingerprint(entry: PeriodicTask) -> str:
    """A hash of everything about an entry that an admin may change."""
    state = [
        entry.task,
        str(entry.schedule),
        entry.args,
        entry.kwargs,
        entry.queue,
        entry.expire_seconds,
        entry.enabled,
        entry.one_off,
        entry.description,
    ]
    return hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()
