"""Periodic tasks: when they run, whether they do, run now. What they do is the program's affair."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.admin.badges import badge
from apps.core.admin.base import ServiceAdmin, deed
from apps.core.ages import dated_age, span
from apps.core.clock import zone_names
from apps.core.errors import DomainError, ForbiddenError
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
from apps.core.schedules import fingerprint

for schedule in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule):
    admin.site.unregister(schedule)

_UNITS = ("seconds", "minutes", "hours", "days")
_PUBLISHED = "Published; a worker will take it."


class PeriodForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """When a task runs, and whether it does. Everything else about it is shown, not asked."""

    rhythm = forms.ChoiceField(
        choices=[("interval", "Again and again"), ("cron", "At set times")],
        widget=UnfoldAdminRadioSelectWidget(radio_style=admin.HORIZONTAL),
    )
    every = forms.IntegerField(
        required=False, min_value=1, max_value=10_000_000, widget=UnfoldAdminIntegerFieldWidget
    )
    unit = forms.ChoiceField(
        required=False, choices=[(unit, unit) for unit in _UNITS], widget=UnfoldAdminSelectWidget
    )
    cron = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"class": "font-mono"}),
        help_text=(
            "Minute, hour, day of month, month, day of week: "
            "“30 4 * * 1-5” is half past four from Monday to Friday."
        ),
    )
    zone = forms.ChoiceField(
        required=False,
        choices=lambda: [(name, name) for name in sorted(zone_names())],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = PeriodicTask
        fields = ("enabled",)
        labels = {
            "task": "Task",
            "queue": "Queue",
            "args": "Arguments",
            "kwargs": "Keyword arguments",
            "total_run_count": "Runs",
            "expire_seconds": "Dropped when not begun after (s)",
        }
        # The model's own speak to whoever may type these in; here nobody does.
        help_texts = dict.fromkeys(("enabled", "name", "description", *labels), "")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(rhythm="interval", unit="minutes", zone=settings.TIME_ZONE)
        match period_of(self.instance):
            case Every(count, unit):
                self.initial.update(every=count, unit=unit)
            case Cron(line, zone):
                self.initial.update(rhythm="cron", cron=line, zone=zone)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            self.period = self._period(data)
            self.period.check()
        except DomainError as error:
            self.add_error(getattr(error, "field", None), error.detail)
        return data

    def _period(self, data: dict[str, Any]) -> Every | Cron:
        if data["rhythm"] == "cron":
            return Cron(data["cron"], data["zone"] or settings.TIME_ZONE)
        return Every(data["every"] or 0, data["unit"] or "minutes")


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ServiceAdmin):
    form = PeriodForm
    list_display = ["name", "task", "when", "is_on", "origin", "last_run"]
    list_filter = ["enabled", "queue"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    search_fields = ["name", "task"]
    ordering = ["name"]
    actions = ["run_all_now", "switch_on", "switch_off"]
    actions_detail = ["run_it_now"]
    actions_row = ["run_it_now"]
    conditional_fields = {
        "every": "rhythm == 'interval'",
        "unit": "rhythm == 'interval'",
        "cron": "rhythm == 'cron'",
        "zone": "rhythm == 'cron'",
    }
    readonly_fields = [
        "name",
        "description",
        "when",
        "task",
        "args",
        "kwargs",
        "queue",
        "expire_seconds",
        "last_run",
        "total_run_count",
        "origin",
    ]
    _what = (
        "What it does",
        {"fields": ["name", "description", ("task", "queue"), ("args", "kwargs")]},
    )
    _asked = (None, {"fields": ["enabled", "rhythm", ("every", "unit"), ("cron", "zone")]})
    _shown = (None, {"fields": ["is_on", "when"]})
    _past = ("So far", {"fields": [("last_run", "total_run_count"), ("origin", "expire_seconds")]})

    def get_queryset(self, request: HttpRequest) -> "QuerySet[PeriodicTask]":
        written = ScheduleDefault.objects.filter(name=OuterRef("name")).values("fingerprint")
        rows: QuerySet[PeriodicTask] = super().get_queryset(request)
        annotated: QuerySet[PeriodicTask] = rows.annotate(written_fingerprint=Subquery(written))
        return annotated

    def get_fieldsets(self, request: HttpRequest, obj: PeriodicTask | None = None) -> Any:
        asked = self._asked if self.has_change_permission(request, obj) else self._shown
        return [asked, self._what, self._past]

    def has_change_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        return self.may(request, "change") and (
            obj is None or request.user.is_superuser or is_ours(obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        return self.may(request, "delete")

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        entry = self.get_object(request, unquote(object_id)) if object_id else None
        return self.has_change_permission(request, entry)

    def save_model(
        self, request: HttpRequest, obj: PeriodicTask, form: PeriodForm, change: bool
    ) -> None:
        before = period_of(obj)
        switch_task(task_id=obj.pk, is_on=form.cleaned_data["enabled"], by=request.user)
        if form.period != before:
            change_period(task_id=obj.pk, period=form.period, by=request.user)

    @display(description="Runs")
    def when(self, entry: PeriodicTask) -> str:
        match period_of(entry):
            case Every() as period:
                return f"every {span(int(period.gap().total_seconds()))}"
            case Cron(line, zone):
                return f"{line} ({zone})"
        return str(entry.scheduler)

    @display(description="State")
    def is_on(self, entry: PeriodicTask) -> str:
        return badge("on", "success") if entry.enabled else badge("off", "danger")

    @display(description="Origin")
    def origin(self, entry: Any) -> str:
        if entry.written_fingerprint is None:
            return badge("added here", "warning")
        is_default = entry.written_fingerprint == fingerprint(entry)
        return badge("as delivered") if is_default else badge("edited", "info")

    @display(description="Last run")
    def last_run(self, entry: PeriodicTask) -> str:
        return dated_age(entry.last_run_at)

    @action(description="Run now", permissions=["run"])
    def run_all_now(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        self._each_allowed(request, queryset, _PUBLISHED, run_now)

    @action(description="Switch on", permissions=["run"])
    def switch_on(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        self._each_allowed(request, queryset, "Switched on.", partial(switch_task, is_on=True))

    @action(description="Switch off", permissions=["run"])
    def switch_off(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        self._each_allowed(request, queryset, "Switched off.", partial(switch_task, is_on=False))

    @deed(
        description="Run now",
        permissions=["run"],
        title="Run this task now?",
        text="It runs once, beside its schedule.",
        button="Run now",
        icon="play_arrow",
    )
    def run_it_now(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self.act(
            request, object_id, _PUBLISHED, lambda row: run_now(task_id=row.pk, by=request.user)
        )

    def _each_allowed(
        self,
        request: HttpRequest,
        queryset: "QuerySet[PeriodicTask]",
        said: str,
        service: Callable[..., Any],
    ) -> None:
        def serve(entry: PeriodicTask) -> None:
            if not self.has_change_permission(request, entry):
                raise ForbiddenError("Only an admin may do this to a task of your own making.")
            service(task_id=entry.pk, by=request.user)

        self.act_on_each(request, queryset, said, serve)


@admin.register(IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule)
class ScheduleAdmin(ServiceAdmin):
    """Rows that tasks share: changing one would change them all, so each task changes its own."""
