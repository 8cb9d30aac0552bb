"""Who subscribed to what, and what they agreed to."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from apps.core.admin.badges import badge, link
from apps.core.ages import dated_age
from apps.notifications.admin.people import PersonAdmin
from apps.notifications.models import ConsentEvent, Subscription, SubscriptionTag

_TONES = {"active": "success", "paused": "warning", "subscribed": "success"}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class StarvedFilter(admin.SimpleListFilter):
    title = "supply"
    parameter_name = "supply"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("starved", "Nothing left to send")]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Subscription]"
    ) -> "QuerySet[Subscription]":
        return queryset.filter(starved_at__isnull=False) if self.value() == "starved" else queryset


@admin.register(Subscription)
class SubscriptionAdmin(PersonAdmin):
    list_display = ["id", "reader", "state", "hour", "days", "interests", "slot_count", "next_one"]
    list_filter = ["status", StarvedFilter]
    search_help_text = "Number or whole address"
    search_fields = ["id"]
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": [("reader", "state"), ("paused_until", "starved_at"), "history"]}),
        (
            "Wishes",
            {"fields": [("hour", "days"), "wanted", ("difficulties", "send_solutions")]},
        ),
        (
            "Plan",
            {
                "fields": [
                    ("next_delivery_at", "last_due_at"),
                    ("subscribed_at", "activated_at"),
                    ("slot_count", "bucket"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Subscription]":
        chosen = (
            SubscriptionTag.objects.filter(subscription=OuterRef("pk"))
            .order_by()
            .values("subscription")
            .annotate(count=Count("id"))
            .values("count")
        )
        rows: QuerySet[Subscription] = super().get_queryset(request)
        return rows.select_related("user").annotate(interest_count=Coalesce(Subquery(chosen), 0))

    @display(description="Status")
    def state(self, row: Subscription) -> str:
        return badge(row.get_status_display(), _TONES.get(row.status, ""))

    @display(description="Hour")
    def hour(self, row: Subscription) -> str:
        return f"{row.delivery_time:%H:%M} {row.timezone}"

    @display(description="Days")
    def days(self, row: Subscription) -> str:
        if len(row.weekdays) == len(_WEEKDAYS):
            return "every day"
        return ", ".join(_WEEKDAYS[day - 1] for day in row.weekdays)

    @display(description="Interests")
    def interests(self, row: Any) -> str:
        return str(row.interest_count or "everything")

    @display(description="Interests")
    def wanted(self, row: Subscription) -> str:
        return ", ".join(row.tags.values_list("name", flat=True)) or "everything"

    @display(description="Next challenge")
    def next_one(self, row: Subscription) -> str:
        return dated_age(row.next_delivery_at) if row.next_delivery_at else "–"

    @display(description="History")
    def history(self, row: Subscription) -> str:
        url = reverse("admin:notifications_delivery_changelist")
        return link(f"{url}?subscription={row.pk}", "All deliveries")


@admin.register(ConsentEvent)
class ConsentEventAdmin(PersonAdmin):
    """Append-only, and for admins: the proof of what somebody agreed to."""

    list_display = ["id", "reader", "what", "door", "when"]
    list_filter = ["action"]
    list_select_related = ["user"]
    search_help_text = "Number or whole address"
    search_fields = ["id"]
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": [("reader", "what"), ("door", "created_at"), "words", "address_digest"]})
    ]

    @display(description="What")
    def what(self, row: ConsentEvent) -> str:
        return badge(row.get_action_display(), _TONES.get(row.action, ""))

    @display(description="When")
    def when(self, row: ConsentEvent) -> str:
        return dated_age(row.created_at)
