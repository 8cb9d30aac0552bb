"""Fills the first page of the admin with its figures, and with where each of them leads."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.core.admin.charts import bars
from apps.core.admin.machinery import PULSE_COLOURS, pulse_of
from apps.core.ages import waiting
from apps.notifications.dashboard import Dashboard, dashboard
from apps.problems.models import Difficulty, ProblemStatus
from config.admin_navigation import list_url

_LISTS = {
    "problems": "problems.problem",
    "suggestions": "tags.tagsuggestion",
    "subscriptions": "notifications.subscription",
    "deliveries": "notifications.delivery",
    "alerts": "core.alert",
    "heartbeats": "core.heartbeat",
}


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of templates/admin/index.html."""
    figures = dashboard(timezone.now())
    return context | {
        "title": "Dashboard",
        "desk": figures,
        "oldest": waiting(figures.oldest_due_at, figures.now),
        "links": {name: list_url(request, label) for name, label in _LISTS.items()},
        "pending": figures.problem_count(ProblemStatus.PENDING),
        "drafts": figures.problem_count(ProblemStatus.DRAFT),
        **_bank(figures),
        "pulses": [
            (beat, pulse_of(beat), PULSE_COLOURS[pulse_of(beat)]) for beat in figures.heartbeats
        ],
        "day_chart": _day_chart(figures),
        "interest_chart": _interest_chart(figures),
        "interest_height": 24 * len(figures.interests) + 32,
    }


def _bank(figures: Dashboard) -> dict[str, Any]:
    """The table of the bank; that nobody chose a difficulty has a column only where it happened."""
    columns = [*Difficulty.labels, "None yet"]
    if not any(row.counts[-1] for row in figures.bank):
        columns.pop()
    rows = [
        (ProblemStatus(row.status).label, row.counts[: len(columns)], row.total)
        for row in figures.bank
    ]
    return {"difficulties": columns, "bank": rows}


def _day_chart(figures: Dashboard) -> dict[str, str]:
    return bars(
        [f"{day.day:%-d %b}" for day in figures.days],
        {
            "Sent": [day.sent for day in figures.days],
            "Failed or bounced": [day.wrong for day in figures.days],
        },
    )


def _interest_chart(figures: Dashboard) -> dict[str, str]:
    names = [name for name, _ in figures.interests]
    return bars(names, {"Problems": [count for _, count in figures.interests]}, is_lying=True)
