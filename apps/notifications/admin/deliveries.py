"""Challenges and solutions: how each stands, why it was chosen, and the mail as it looks."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from apps.accounts.models import User
from apps.core.admin.badges import link
from apps.mail.admin.outgoing import NeedsAttention, OutgoingAdmin
from apps.notifications.admin.people import PersonAdmin
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox

_HEAVY = ("statement", "solution", "hints", "problem_metadata")


@admin.register(Delivery)
class DeliveryAdmin(OutgoingAdmin, PersonAdmin):
    outbox_name = DeliveryOutbox.name
    person_path = "subscription__user"
    list_display = ["id", "state", "kind", "reader", "title", "due", "attempts", "code"]
    list_filter = [NeedsAttention, "status", "kind"]
    fieldsets = [
        (
            None,
            {"fields": [("reader", "subscribed"), ("kind", "slot"), ("title", "shown_version")]},
        ),
        ("Why this one", {"fields": [("reason_code", "reason_interest"), "reason_path"]}),
        *OutgoingAdmin.state_fieldsets,
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Delivery]":
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.select_related("subscription__user", "problem").defer(
            *(f"problem__{column}" for column in _HEAVY)
        )

    def person_of(self, row: Delivery) -> User:
        person: User = row.subscription.user
        return person

    @display(description="Problem")
    def title(self, row: Delivery) -> str:
        return row.problem.title

    @display(description="Version of the problem")
    def shown_version(self, row: Delivery) -> str:
        now = row.problem.version
        changed = "" if row.problem_version == now else f"; it is at version {now} by now"
        return f"{row.problem_version}{changed}"

    @display(description="Subscription")
    def subscribed(self, row: Delivery) -> str:
        url = reverse("admin:notifications_subscription_change", args=[row.subscription_id])
        return link(url, str(row.subscription))
