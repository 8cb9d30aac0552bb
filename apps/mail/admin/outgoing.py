"""What the admins of all outboxes have in common: states, searching, the mail as it looks."""

import re
from typing import Any

import structlog
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from apps.core.admin.badges import badge
from apps.core.admin.base import ServiceAdmin, deed, row_number
from apps.core.ages import dated_age
from apps.mail.harmless import Look, look_of
from apps.mail.models import HANDED_OVER, OutgoingStatus
from apps.mail.outbox import outbox_of
from apps.mail.staff_actions import CANCELLABLE, RESENDABLE, cancel, request_copy, resend

log = structlog.get_logger(__name__)

STATUS_COLOURS = {
    OutgoingStatus.PLANNED: "info",
    OutgoingStatus.CLAIMED: "primary",
    OutgoingStatus.SENDING: "primary",
    OutgoingStatus.SENT: "success",
    OutgoingStatus.DELIVERED: "success",
    OutgoingStatus.UNCERTAIN: "warning",
    OutgoingStatus.FAILED: "danger",
    OutgoingStatus.BOUNCED: "danger",
    OutgoingStatus.COMPLAINED: "danger",
}
# In which states each action makes sense.
_SENSIBLE = {"copy_it": HANDED_OVER, "resend_it": RESENDABLE, "cancel_it": CANCELLABLE}
_MESSAGE_ID = re.compile(r"<?(?P<table>[a-z]+)\.(?P<id>\d{1,18})\.[0-9a-f]+@\S+")


class OutgoingAdmin(ServiceAdmin):
    """One mail a row. Searching takes a row's number, its Message-ID, or a whole address.

    Each admin says by `rows_of_address(rows, address)` which rows are a person's.
    """

    outbox_name = ""
    list_filter: list[Any] = ["status"]
    search_fields = ["id"]
    search_help_text = "Number, Message-ID or whole address"
    ordering = ["-id"]
    change_form_outer_after_template = "admin/mail/look.html"
    actions_detail = ["copy_it", "resend_it", "cancel_it"]
    state_fieldsets = [
        (
            "State",
            {"fields": [("state", "last_code"), ("due_at", "sent_at"), ("attempts", "not_before")]},
        ),
        (
            "Machinery",
            {
                "fields": [
                    ("uncertain_count", "solo_claims", "lease_until"),
                    "message_id",
                    "provider_message_id",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: Any) -> bool:
        return row.status in _SENSIBLE[action_name]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        term = search_term.strip()
        if (number := row_number(term)) is not None:
            return queryset.filter(pk=number), False
        if found := _MESSAGE_ID.fullmatch(term):
            ours = queryset if found["table"] == self.outbox_name else queryset.none()
            return ours.filter(pk=int(found["id"])), False
        if term:
            return self.rows_of_address(queryset, term), False
        return queryset, False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context |= self._look(row)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def _look(self, row: Any) -> dict[str, Look | str | None]:
        try:
            message = outbox_of(row).look(row)
        except Exception as error:
            # The rows whose mail cannot be composed are the very ones that people come to look at.
            log.exception("mail_not_shown", outbox=self.outbox_name, row=row.pk)
            kind = type(error).__name__
            return {"look": None, "look_missing": f"It cannot be composed ({kind}); see the log."}
        if message is None:
            return {"look": None, "look_missing": "It has nothing more to say."}
        return {"look": look_of(message), "look_missing": ""}

    @deed(
        description="Send me a copy",
        permissions=["decide"],
        title="Send yourself a copy?",
        text="It goes to your own address, never to the reader: the mail as this page shows it, "
        "composed anew, with links that lead nowhere. It counts towards the day's number.",
        button="Send me a copy",
        icon="mark_email_read",
    )
    def copy_it(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "A copy is on its way to whoever asked for it.",
            lambda row: request_copy(row=row, by=request.user),
        )

    @deed(
        description="Send again",
        permissions=["decide"],
        title="Send this mail again?",
        text="It leaves at once, under the same Message-ID; a challenge or solution that is half "
        "a day late waits for its reader's next hour. If it did arrive after all, this is a second "
        "copy.",
        button="Send it again",
        icon="forward_to_inbox",
    )
    def resend_it(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request, object_id, "Planned again.", lambda row: resend(row=row, by=request.user)
        )

    @deed(
        description="Cancel",
        permissions=["decide"],
        title="Cancel this mail?",
        text="It will never be sent. What was chosen for it may be chosen again.",
        button="Cancel it",
        icon="cancel_schedule_send",
        variant=ActionVariant.DANGER,
    )
    def cancel_it(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request, object_id, "Cancelled.", lambda row: cancel(row=row, by=request.user)
        )

    @display(description="Status")
    def state(self, row: Any) -> str:
        return badge(row.get_status_display(), STATUS_COLOURS.get(row.status, ""))

    @display(description="Due")
    def due(self, row: Any) -> str:
        return dated_age(row.due_at)

    @display(description="Last code")
    def code(self, row: Any) -> str:
        return format_html('<span class="font-mono text-xs">{}</span>', row.last_code or "–")


class NeedsAttention(admin.SimpleListFilter):
    """What somebody should look at."""

    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Failed, uncertain, bounced or complained")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() != "yes":
            return queryset
        return queryset.filter(status__in=("failed", "uncertain", "bounced", "complained"))
