"""Sign-ins that failed lately, as django-axes counts them, and the doors that are closed for it."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display
from unfold.forms import BaseDialogForm

from apps.accounts.lockout import open_door
from apps.accounts.models import FailedSignIn, User
from apps.core.admin.addresses import AddressAdmin
from apps.core.admin.badges import badge
from apps.core.admin.base import deed
from apps.core.ages import dated_age


@admin.register(FailedSignIn)
class FailureAdmin(AddressAdmin):
    list_display = ["address", "place", "failures", "state", "last"]
    search_fields = ["=username", "=ip_address"]
    search_help_text = "Whole address, of a person or of a machine"
    ordering = ["-id"]
    actions_detail = ["open_the_door"]
    fields = [
        ("address", "place"),
        ("failures", "attempt_time"),
        "path_info",
        "user_agent",
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        person = User.objects.filter(email=OuterRef("username")).values("pk")
        rows: QuerySet[Any] = super().get_queryset(request).annotate(person=Subquery(person))
        return rows

    def person_id(self, row: Any) -> int | None:
        found: int | None = row.person
        return found

    def has_open_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "delete")

    @display(description="E-mail address")
    def address(self, row: FailedSignIn) -> str:
        return str(row.username)

    @display(description="From")
    def place(self, row: FailedSignIn) -> str:
        return str(row.ip_address)

    @display(description="Failures")
    def failures(self, row: FailedSignIn) -> int:
        return int(row.failures_since_start)

    @display(description="State")
    def state(self, row: FailedSignIn) -> str:
        if timezone.now() - row.attempt_time > settings.AXES_COOLOFF_TIME:
            return badge("over")
        if row.failures_since_start >= settings.AXES_FAILURE_LIMIT:
            return badge("locked out", "danger")
        return badge("counted", "warning")

    @display(description="Last")
    def last(self, row: FailedSignIn) -> str:
        return dated_age(row.attempt_time)

    @deed(
        description="Open the door",
        permissions=["open"],
        title="Forget the failures of this place?",
        text="Whoever signs in from this machine's address may try again at once.",
        button="Forget them",
        icon="lock_open",
    )
    def open_the_door(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "The failures of this place are forgotten.",
            lambda row: open_door(ip_address=row.ip_address),
        )
