"""Alerts and heartbeats: the kernel's own changes of state."""

import json
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.core.models import Alert, Heartbeat

log = structlog.get_logger(__name__)


def raise_alert(kind: str, key: str = "", detail: dict[str, Any] | None = None) -> Alert:
    """Open an alert, or count it once more when one of this kind and key is open already.

    Idempotent.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO core_alert (kind, key, detail, raised_count, opened_at, last_raised_at)
               VALUES (%s, %s, %s::jsonb, 1, %s, %s)
               ON CONFLICT (kind, key) WHERE resolved_at IS NULL
               DO UPDATE SET raised_count = core_alert.raised_count + 1,
                             last_raised_at = EXCLUDED.last_raised_at, detail = EXCLUDED.detail
               RETURNING id""",
            [kind, key, json.dumps(detail or {}, default=str), now, now],
        )
        alert = Alert.objects.get(pk=cursor.fetchone()[0])
    if alert.raised_count == 1:
        log.warning("alert_opened", kind=kind, key=key, detail=detail)
    return alert


def resolve_alert(kind: str, key: str = "") -> bool:
    """Close the open alert of this kind and key; True when there was one."""
    closed = Alert.objects.open().filter(kind=kind, key=key).update(resolved_at=timezone.now())
    if closed:
        log.info("alert_resolved", kind=kind, key=key)
    return bool(closed)


@transaction.atomic
def acknowledge_alert(*, alert_id: int, by: Any) -> Alert:
    """Note that a person has seen the alert; the first to do so stays on record."""
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = timezone.now(), by
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return alert


def record_heartbeat(name: str, detail: dict[str, Any] | None = None) -> None:
    """Write that `name` is alive now."""
    Heartbeat.objects.update_or_create(
        name=name, defaults={"beat_at": timezone.now(), "detail": detail or {}}
    )
