"""What staff change about periodic tasks: when they run, whether they do, and that one runs now.

Task, arguments and queue are the program's; nobody changes them from outside.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from celery.schedules import ParseException
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.tzcrontab import TzAwareCrontab

from apps.core.clock import is_zone
from apps.core.errors import InvalidInputError, NotFoundError
from apps.core.models import ScheduleDefault
from apps.core.queue import enqueue

log = structlog.get_logger(__name__)

SHORTEST = timedelta(seconds=5)
LONGEST = timedelta(days=366)
_CRON_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
# Enough of a cron line's runs to meet its shortest gap: the hours of a day and the days of a month.
_RUNS_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after so many of a unit (`seconds`, `minutes`, `hours`, `days`)."""

    count: int
    unit: str

    def check(self) -> None:
        """InvalidInputError for what is too short or too long."""
        # Counted first: timedelta itself refuses what is far too long.
        if self.count > LONGEST.total_seconds() or not SHORTEST <= self.gap() <= LONGEST:
            raise InvalidInputError("Choose between 5 seconds and 366 days.", field="every")

    def stored(self) -> dict[str, Any]:
        schedule = IntervalSchedule.objects.filter(every=self.count, period=self.unit).first()
        if schedule is None:
            schedule = IntervalSchedule.objects.create(every=self.count, period=self.unit)
        return {"interval": schedule, "crontab": None}

    def gap(self) -> timedelta:
        return timedelta(**{self.unit: self.count})


@dataclass(frozen=True, slots=True)
class Cron:
    """At set times: `minute hour day-of-month month day-of-week`, in a zone."""

    line: str
    zone: str = "UTC"

    def check(self) -> None:
        """InvalidInputError for a zone that is none, and for a line that never comes true."""
        if not is_zone(self.zone):
            raise InvalidInputError("This is not an IANA time zone name.", field="zone")
        if len(self.line.split()) != len(_CRON_FIELDS):
            raise InvalidInputError(
                "A cron line has five parts: minute, hour, day of month, month, day of week.",
                field="cron",
            )
        try:
            self._schedule().clean_fields()
            next(_runs(self._schedule(), timezone.now()))
        except (ValidationError, ParseException, ValueError) as error:
            raise InvalidInputError("This cron line names no time.", field="cron") from error

    def stored(self) -> dict[str, Any]:
        schedule = self._schedule()
        same = {name: getattr(schedule, name) for name in (*_CRON_FIELDS, "timezone")}
        existing = CrontabSchedule.objects.filter(**same).first()
        if existing is None:
            schedule.save()
        return {"interval": None, "crontab": existing or schedule}

    def gap(self) -> timedelta:
        """The shortest time between two of its next runs."""
        runs = islice(_runs(self._schedule(), timezone.now()), _RUNS_LOOKED_AT)
        return min(after - before for before, after in pairwise(runs))

    def _schedule(self) -> CrontabSchedule:
        fields = dict(zip(_CRON_FIELDS, self.line.split(), strict=True))
        return CrontabSchedule(**fields, timezone=ZoneInfo(self.zone))


@transaction.atomic
def change_period(*, task_id: int, period: Every | Cron, by: Any) -> PeriodicTask:
    """Let a task run at other times, as of beat's next tick.

    A run that was not started by five sixths of the way to the next one is dropped, as with our
    defaults, so that a worker that was away finds one message and not a heap. InvalidInputError.
    """
    period.check()
    entry = _locked(task_id)
    for name, value in period.stored().items():
        setattr(entry, name, value)
    entry.solar = entry.clocked = None
    entry.expires = None
    entry.expire_seconds = max(1, int(period.gap().total_seconds() * 5 / 6))
    entry.save()
    log.info("period_changed", task=entry.name, to=str(entry.schedule), by=_who(by))
    return entry


@transaction.atomic
def switch_task(*, task_id: int, is_on: bool, by: Any) -> PeriodicTask:
    """Let a task run, or not, as of beat's next tick. Idempotent."""
    entry = _locked(task_id)
    if entry.enabled != is_on:
        entry.enabled = is_on
        entry.save()
        log.info("task_switched", task=entry.name, is_on=is_on, by=_who(by))
    return entry


@transaction.atomic
def run_now(*, task_id: int, by: Any) -> PeriodicTask:
    """Publish a task once, beside its schedule, switched on or not."""
    entry = _locked(task_id)
    enqueue(entry.task, *json.loads(entry.args or "[]"), **json.loads(entry.kwargs or "{}"))
    log.info("task_run_by_hand", task=entry.name, by=_who(by))
    return entry


def is_ours(entry: PeriodicTask) -> bool:
    """Whether the entry came from our defaults, changed since or not."""
    return ScheduleDefault.objects.filter(name=entry.name).exists()


def period_of(entry: PeriodicTask) -> Every | Cron | None:
    """When the entry runs; None for the sun and for a single moment, which we do not offer."""
    if entry.interval:
        return Every(entry.interval.every, entry.interval.period)
    if entry.crontab:
        line = " ".join(getattr(entry.crontab, name) for name in _CRON_FIELDS)
        return Cron(line, str(entry.crontab.timezone))
    return None


def _locked(task_id: int) -> PeriodicTask:
    rows = PeriodicTask.objects.select_for_update(of=("self",)).filter(pk=task_id)
    entry = rows.select_related("interval", "crontab").first()
    if entry is None:
        raise NotFoundError("There is no such periodic task any more.")
    return entry


def _runs(schedule: CrontabSchedule, start: datetime) -> Iterator[datetime]:
    """The next instants of a cron line by celery's own reckoning, as if its zone were UTC: only the
    gaps between them count, and those a change of clocks would blur.
    """
    fields = {name: getattr(schedule, name) for name in _CRON_FIELDS}
    cron = TzAwareCrontab(**fields)
    moment = start.astimezone(UTC)
    while True:
        cron.nowfun = lambda now=moment: now
        moment = moment + cron.remaining_estimate(moment)
        yield moment


def _who(by: Any) -> Any:
    return getattr(by, "pk", None)
