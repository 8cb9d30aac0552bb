"""Alerts: what a person must look at, and that somebody has."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from apps.core.admin.badges import badge, one_line
from apps.core.admin.base import ServiceAdmin, deed
from apps.core.ages import dated_age
from apps.core.models import Alert
from apps.core.services import acknowledge_alert

_ACKNOWLEDGED = "Acknowledged."


class StateFilter(admin.SimpleListFilter):
    """By what has become of them."""

    title = "state"
    parameter_name = "state"
    _conditions = {
        "open": Q(resolved_at__isnull=True, acknowledged_at__isnull=True),
        "seen": Q(resolved_at__isnull=True, acknowledged_at__isnull=False),
        "resolved": Q(resolved_at__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("seen", "Acknowledged"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Alert]") -> "QuerySet[Alert]":
        condition = self._conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


@admin.register(Alert)
class AlertAdmin(ServiceAdmin):
    list_display = ["kind", "state", "key", "facts", "times", "opened", "last_raised"]
    list_filter = [StateFilter, "kind"]
    search_fields = ["=id", "=kind", "=key"]
    search_help_text = "Kind, key or number"
    ordering = ["-id"]
    list_select_related = ["acknowledged_by"]
    actions = ["acknowledge_all"]
    actions_detail = ["acknowledge"]
    fields = [
        "kind",
        "key",
        "state",
        "detail",
        "raised_count",
        "opened_at",
        "last_raised_at",
        "acknowledged_at",
        "acknowledged_by",
        "resolved_at",
    ]

    def has_acknowledge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: Alert) -> bool:
        return row.acknowledged_at is None and row.resolved_at is None

    @display(description="State")
    def state(self, alert: Alert) -> str:
        if alert.resolved_at:
            return badge("resolved", "success")
        return (
            badge("acknowledged", "warning") if alert.acknowledged_at else badge("open", "danger")
        )

    @display(description="Details")
    def facts(self, alert: Alert) -> str:
        return one_line(alert.detail)

    @display(description="Times")
    def times(self, alert: Alert) -> int:
        return alert.raised_count

    @display(description="Opened")
    def opened(self, alert: Alert) -> str:
        return dated_age(alert.opened_at)

    @display(description="Last raised")
    def last_raised(self, alert: Alert) -> str:
        return dated_age(alert.last_raised_at)

    @action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge_all(self, request: HttpRequest, queryset: "QuerySet[Alert]") -> None:
        self.act_on_each(
            request,
            queryset,
            _ACKNOWLEDGED,
            lambda alert: acknowledge_alert(alert_id=alert.pk, by=request.user),
        )

    @deed(
        description="Acknowledge",
        permissions=["acknowledge"],
        title="Acknowledge this alert?",
        text="It stays open until its cause is gone; your name shows that somebody looks after it.",
        button="Acknowledge",
        icon="visibility",
    )
    def acknowledge(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self.act(
            request,
            object_id,
            _ACKNOWLEDGED,
            lambda alert: acknowledge_alert(alert_id=alert.pk, by=request.user),
        )
