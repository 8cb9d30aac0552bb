"""Examples for the schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from apps.problems.examples import PROBLEM_BRIEF

_ASYNCIO = {"id": 12, "name": "asyncio", "slug": "asyncio"}


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


SUBSCRIBING = _sent(
    "Weekdays at a quarter to eight",
    {
        "tags": ["asyncio", 5],
        "difficulties": ["medium", "hard"],
        "delivery_time": "07:45",
        "timezone": "Europe/London",
        "weekdays": [1, 2, 3, 4, 5],
        "consent": True,
    },
)
CHANGE = _sent("An hour later", {"delivery_time": "08:45"})
PAUSE = _sent("A holiday", {"until": "2026-12-07"})
SUBSCRIPTION = OpenApiExample(
    "Weekdays at a quarter to eight",
    value={
        "status": "active",
        "tags": [_ASYNCIO, {"id": 5, "name": "PostgreSQL", "slug": "postgresql"}],
        "difficulties": ["medium", "hard"],
        "delivery_time": "07:45",
        "weekdays": [1, 2, 3, 4, 5],
        "timezone": "Europe/London",
        "send_solutions": True,
        "paused_until": None,
        "subscribed_at": "2026-11-20T18:12:09Z",
        "next_delivery_at": "2026-11-24T07:45:00Z",
        "streak": {"current": 3, "longest": 11},
    },
    response_only=True,
)
_DELIVERY = {
    "id": 903,
    "kind": "challenge",
    "problem": PROBLEM_BRIEF,
    "local_date": "2026-11-23",
    "due_at": "2026-11-23T07:45:00Z",
    "status": "sent",
    "sent_at": "2026-11-23T07:45:02Z",
    "reason": {
        "code": "interest",
        "interest": {"id": 5, "name": "PostgreSQL", "slug": "postgresql"},
        "path": "PostgreSQL → Indexing",
        "text": "because you follow PostgreSQL → Indexing",
    },
    "feedback": None,
}
DELIVERY = OpenApiExample("This morning's challenge", value=_DELIVERY, response_only=True)
TODAY = OpenApiExample(
    "It came this morning",
    value={
        "local_date": "2026-11-23",
        "state": "sent",
        "delivery": _DELIVERY,
        "next_delivery_at": "2026-11-24T07:45:00Z",
    },
    response_only=True,
)
