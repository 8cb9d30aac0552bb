"""The admin's sidebar, grouped by what staff come to do, and what stands above every page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from apps.core.models import Alert
from apps.mail.models import SendingSwitch
from apps.problems.models import Problem, ProblemStatus
from apps.tags.models import SuggestionStatus, TagSuggestion

# What a group holds: (model, title, icon). Which of them somebody sees, the model's own admin says.
_GROUPS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "Bank": (
        ("problems.problem", "Problems", "extension"),
        ("tags.tag", "Tags", "account_tree"),
        ("tags.tagsuggestion", "Suggested tags", "new_label"),
        ("tags.tagmerge", "Merged tags", "merge"),
    ),
    "Readers": (
        ("notifications.subscription", "Subscriptions", "group"),
        ("notifications.consentevent", "Consent", "fact_check"),
        ("accounts.user", "People", "badge"),
        ("accounts.failedsignin", "Failed sign-ins", "lock_clock"),
    ),
    "Mail": (
        ("mail.sendingswitch", "Sending queue", "outgoing_mail"),
        ("notifications.delivery", "Deliveries", "local_post_office"),
        ("mail.outboundmail", "Outbound mails", "mark_email_unread"),
        ("mail.suppression", "Not written to", "unsubscribe"),
        ("mail.mailboxmessage", "Demo mailbox", "inbox"),
    ),
    "Operations": (
        ("core.alert", "Alerts", "notifications_active"),
        ("django_celery_beat.periodictask", "Periodic tasks", "schedule"),
        ("core.heartbeat", "Signs of life", "monitor_heart"),
        ("core.scheduledefault", "Default schedules", "event_repeat"),
    ),
}
# How many rows of a model wait for somebody.
_WAITING: Mapping[str, Callable[[], int]] = {
    "problems.problem": lambda: Problem.objects.filter(status=ProblemStatus.PENDING).count(),
    "tags.tagsuggestion": lambda: TagSuggestion.objects.filter(
        status=SuggestionStatus.PENDING
    ).count(),
    "core.alert": lambda: Alert.objects.open().filter(acknowledged_at=None).count(),
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar as whoever asks may use it, with what waits for them counted."""
    first = {"title": "Dashboard", "icon": "space_dashboard", "link": reverse("admin:index")}
    groups = [
        {"title": title, "separator": True, "items": list(_items(request, entries))}
        for title, entries in _GROUPS.items()
    ]
    return [{"items": [first]}, *(group for group in groups if group["items"])]


def list_url(request: HttpRequest, label: str) -> str:
    """Where the rows of a model are listed; empty when there is no such list, or not for them."""
    model = apps.get_model(label)
    model_admin: Any = admin.site._registry.get(model)
    if model_admin is None or not model_admin.has_view_permission(request):
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def frame(request: HttpRequest) -> dict[str, Any]:
    """What stands above every page: that sending is stopped, when it is."""
    if not request.user.is_staff:
        return {}
    stopped = SendingSwitch.objects.select_related("changed_by").filter(is_on=False).first()
    return {"sending_stopped": stopped, "queue_url": list_url(request, "mail.sendingswitch")}


def _items(
    request: HttpRequest, entries: tuple[tuple[str, str, str], ...]
) -> Iterator[dict[str, Any]]:
    for label, title, icon in entries:
        link = list_url(request, label)
        if link:
            waiting = _WAITING[label]() if label in _WAITING else 0
            yield {
                "title": title,
                "icon": icon,
                "link": link,
                "badge": waiting,
                "badge_variant": "danger" if label == "core.alert" else "primary",
            }
