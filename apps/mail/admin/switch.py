"""The stop button and, around it, how the queues stand."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from apps.core.admin.base import ReasonForm, ServiceAdmin, deed
from apps.core.admin.charts import bars
from apps.core.ages import waiting
from apps.mail.models import SendingSwitch
from apps.mail.queue_state import Standing, minutes_before, standings, throughputs
from apps.mail.services import turn_sending_off, turn_sending_on


@admin.register(SendingSwitch)
class SendingSwitchAdmin(ServiceAdmin):
    """The list of the one row there is shows the queues instead."""

    fields = ["is_on", "reason", "changed_by", "changed_at"]
    actions_detail = ["stop", "start"]

    def has_stop_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def has_start_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """To start is for admins: whoever stopped had a reason, and it must be gone."""
        return bool(request.user.is_superuser)

    def makes_sense(self, action_name: str, row: SendingSwitch) -> bool:
        return row.is_on == (action_name == "stop")

    def row_url(self, object_id: Any) -> str:
        return self.list_url()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        queues: list[dict[str, Any]] = [
            {
                "standing": standing,
                "throughput": throughput,
                "oldest": waiting(standing.oldest_due_at, now),
                "list_url": _list_of(self, standing, request),
            }
            for standing, throughput in zip(standings(now), throughputs(now), strict=True)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Sending queue",
            "switch": SendingSwitch.objects.select_related("changed_by").get(pk=1),
            "stop_url": self._url_of("stop") if self.has_stop_permission(request) else "",
            "start_url": self._url_of("start") if self.has_start_permission(request) else "",
            "queues": queues,
            "is_quiet": not any(queue["throughput"].sent_last_hour for queue in queues),
            "chart": bars(
                [f"{minute:%H:%M}" for minute in minutes_before(now)],
                {
                    queue["standing"].title.capitalize(): queue["throughput"].per_minute
                    for queue in queues
                },
            ),
        }
        return TemplateResponse(request, "admin/mail/queue.html", context)

    @deed(
        description="Stop sending",
        permissions=["stop"],
        title="Stop all sending?",
        text="Nothing more is handed to the mail server until an admin starts it again.",
        button="Stop sending",
        form_class=ReasonForm,
        icon="front_hand",
        variant=ActionVariant.DANGER,
    )
    def stop(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "Sending is stopped.",
            lambda switch: turn_sending_off(reason=form.cleaned_data["reason"], by=request.user),
        )

    @deed(
        description="Start sending",
        permissions=["start"],
        title="Start sending again?",
        text="What has been waiting leaves at once. Challenges that waited too long are re-dated.",
        button="Start sending",
        icon="play_arrow",
        variant=ActionVariant.SUCCESS,
    )
    def start(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "Sending is on.",
            lambda switch: turn_sending_on(by=request.user),
        )

    def _url_of(self, verb: str) -> str:
        return reverse(f"{self.admin_site.name}:mail_sendingswitch_{verb}", args=[1])


def _list_of(model_admin: SendingSwitchAdmin, standing: Standing, request: HttpRequest) -> str:
    """Where the rows of an outbox are listed, for those who may see them."""
    other: Any = model_admin.admin_site._registry.get(standing.model)
    return str(other.list_url()) if other and other.has_view_permission(request) else ""
