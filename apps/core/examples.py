"""Examples for the schema."""

from drf_spectacular.utils import OpenApiExample

LIVE = OpenApiExample("Fine", value={"status": "ok"}, response_only=True)
HEALTH = OpenApiExample(
    "A silent queue, seen by an admin",
    value={
        "status": "degraded",
        "checks": [
            {"name": "database", "status": "ok", "detail": {}},
            {
                "name": "queue.content",
                "status": "down",
                "detail": {"beat_at": "2026-11-23T07:55:00Z", "age_s": 300},
            },
        ],
    },
    response_only=True,
)
TIME_ZONE = OpenApiExample(
    "Kathmandu", value={"name": "Asia/Kathmandu", "utc_offset_minutes": 345}, response_only=True
)
