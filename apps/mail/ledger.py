"""The transitions of an outbox row, each one conditional UPDATE in one short transaction.

Only mail.sending calls these. Arm and settle commit asynchronously: a dead process loses nothing by that, and a
dead database at worst forgets that a mail was sent and repeats it under the same Message-ID.
"""

import enum
import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Exists, F, QuerySet
from django.utils import timezone

from apps.core.services import raise_alert
from apps.mail.models import Outgoing, OutgoingStatus, SendingSwitch
from apps.mail.outbox import Outbox
from apps.mail.transports import Outcome, Verdict

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
QUIET = timedelta(minutes=10)
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
JITTER = 0.2
SOLO_CLAIMS = 3
_UNLEASED: dict[str, Any] = {"lease_until": None, "lease_owner": None}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that one run holds a lease on."""

    owner: uuid.UUID
    rows: list[Outgoing]


class Armed(enum.Enum):
    """What became of the attempt to arm a row."""

    YES = "armed"
    CANCELLED = "cancelled"
    LOST = "lease_lost"


def claim(outbox: Outbox, *, limit: int) -> Batch:
    """Lease up to `limit` due rows, oldest first. A row that a dead run left unarmed is claimed alone."""
    now = timezone.now()
    owner = uuid.uuid4()
    due = _rows(outbox).claimable(now).filter(outbox.claimable(now), _sending_is_on())
    ids = _lease(outbox, due.filter(solo_claims=0), owner, now, limit)
    if not ids:
        ids = _lease(outbox, due.filter(solo_claims__gt=0), owner, now, 1)
    return Batch(owner, outbox.load(ids) if ids else [])


@transaction.atomic
def _lease(
    outbox: Outbox, due: "QuerySet[Any]", owner: uuid.UUID, now: datetime, limit: int
) -> list[int]:
    picked = due.order_by("due_at", "id").select_for_update(skip_locked=True, of=("self",))
    ids = list(picked.values_list("id", flat=True)[:limit])
    if ids:
        _rows(outbox).filter(id__in=ids).update(
            status=OutgoingStatus.CLAIMED, lease_owner=owner, lease_until=now + LEASE
        )
    return ids


def arm(outbox: Outbox, owner: uuid.UUID, row: Outgoing, message_id: str) -> Armed:
    """Take the last step before MAIL FROM: from here on a dead process leaves the row uncertain.

    One statement re-checks the lease, the switch and everything the outbox asks for.
    """
    now = timezone.now()
    mine = _mine(outbox, owner, OutgoingStatus.CLAIMED).filter(id=row.pk, attempts=row.attempts)
    with _quick_commit():
        armed = mine.filter(outbox.armable(row), _sending_is_on(), lease_until__gt=now).update(
            status=OutgoingStatus.SENDING,
            attempts=F("attempts") + 1,
            solo_claims=0,
            lease_until=now + LEASE,
            message_id=message_id,
        )
    if armed:
        return Armed.YES
    unwanted = mine.filter(_sending_is_on(), ~outbox.armable(row))
    return Armed.CANCELLED if _cancel(outbox, unwanted, "no_longer_wanted") else Armed.LOST


def settle(outbox: Outbox, owner: uuid.UUID, row: Outgoing, outcome: Outcome) -> str:
    """Write down what became of the armed row; returns its new status, or `lease_lost`."""
    attempt = row.attempts + 1
    changes = _settled(row, outcome, attempt, timezone.now())
    with _quick_commit():
        mine = _mine(outbox, owner, OutgoingStatus.SENDING).filter(id=row.pk, attempts=attempt)
        if not mine.update(last_code=outcome.code[:40], **changes, **_UNLEASED):
            log.warning("lease_lost", outbox=outbox.name, row=row.pk)
            return "lease_lost"
        if changes["status"] in (OutgoingStatus.SENT, OutgoingStatus.UNCERTAIN):
            outbox.handed_over([row.pk])
    return str(changes["status"])


def _settled(row: Outgoing, outcome: Outcome, attempt: int, now: datetime) -> dict[str, Any]:
    """The columns that an outcome changes."""
    if outcome.verdict is Verdict.SENT:
        return {
            "status": OutgoingStatus.SENT,
            "sent_at": now,
            "provider_message_id": outcome.provider_message_id,
        }
    if outcome.verdict is Verdict.REFUSED_US:
        return {"status": OutgoingStatus.PLANNED, "attempts": row.attempts}
    if outcome.verdict is Verdict.UNCERTAIN and row.uncertain_count == 0:
        return {"status": OutgoingStatus.UNCERTAIN, "uncertain_count": 1, "not_before": now + QUIET}
    if outcome.verdict is Verdict.RETRY and attempt <= len(BACKOFF):
        return {"status": OutgoingStatus.PLANNED, "not_before": now + backoff(attempt)}
    counted = 1 if outcome.verdict is Verdict.UNCERTAIN else 0
    return {
        "status": OutgoingStatus.FAILED,
        "uncertain_count": row.uncertain_count + counted,
    }


def backoff(attempt: int) -> timedelta:
    """How long to wait after the n-th attempt (from 1), with ±20 % so that a thundering herd spreads."""
    return BACKOFF[attempt - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- no secret


def release(outbox: Outbox, batch: Batch) -> int:
    """Give back what this run holds and did not arm; returns how many rows."""
    return (
        _mine(outbox, batch.owner, OutgoingStatus.CLAIMED)
        .filter(id__in=[row.pk for row in batch.rows])
        .update(status=OutgoingStatus.PLANNED, **_UNLEASED)
    )


def fail_claimed(outbox: Outbox, owner: uuid.UUID, ids: Sequence[int], code: str) -> int:
    """Fail claimed rows that cannot be composed; returns how many."""
    if not ids:
        return 0
    mine = _mine(outbox, owner, OutgoingStatus.CLAIMED).filter(id__in=ids)
    return int(mine.update(status=OutgoingStatus.FAILED, last_code=code, **_UNLEASED))


def cancel_claimed(outbox: Outbox, owner: uuid.UUID, ids: Sequence[int], code: str) -> int:
    """Cancel claimed rows that have nothing more to say; returns how many."""
    if not ids:
        return 0
    return _cancel(outbox, _mine(outbox, owner, OutgoingStatus.CLAIMED).filter(id__in=ids), code)


@transaction.atomic
def _cancel(outbox: Outbox, rows: "QuerySet[Any]", code: str) -> int:
    ids = list(rows.select_for_update(of=("self",)).values_list("id", flat=True))
    if ids:
        _rows(outbox).filter(id__in=ids).update(
            status=OutgoingStatus.CANCELLED, last_code=code, **_UNLEASED
        )
        outbox.called_off(ids)
    return len(ids)


def recover(outbox: Outbox) -> None:
    """Take up what dead runs left behind, and what has been quiet for long enough.

    Unarmed: planned again, to be claimed alone; after three such claims, failed. Armed: uncertain, or failed the
    second time. Uncertain and quiet: planned again, once, under the same Message-ID.
    """
    now = timezone.now()
    with transaction.atomic():
        _recover_unarmed(outbox, now)
        _recover_armed(outbox, now)
        _rows(outbox).filter(status=OutgoingStatus.UNCERTAIN, not_before__lte=now).update(
            status=OutgoingStatus.PLANNED, not_before=None
        )


def _recover_unarmed(outbox: Outbox, now: datetime) -> None:
    lapsed = _rows(outbox).filter(status=OutgoingStatus.CLAIMED, lease_until__lte=now)
    poison = list(lapsed.filter(solo_claims__gte=SOLO_CLAIMS).values_list("id", flat=True))
    if poison:
        lapsed.filter(id__in=poison).update(
            status=OutgoingStatus.FAILED, last_code="poison", **_UNLEASED
        )
        raise_alert("mail_poison", key=outbox.name, detail={"rows": poison[:50]})
        log.error("mail_poison", outbox=outbox.name, rows=poison)
    lapsed.update(status=OutgoingStatus.PLANNED, solo_claims=F("solo_claims") + 1, **_UNLEASED)


def _recover_armed(outbox: Outbox, now: datetime) -> None:
    lapsed = _rows(outbox).filter(status=OutgoingStatus.SENDING, lease_until__lte=now)
    twice = lapsed.filter(uncertain_count__gte=1)
    failed = twice.update(
        status=OutgoingStatus.FAILED,
        uncertain_count=F("uncertain_count") + 1,
        last_code="died_twice",
        **_UNLEASED,
    )
    ids = list(lapsed.select_for_update(skip_locked=True).values_list("id", flat=True))
    lapsed.filter(id__in=ids).update(
        status=OutgoingStatus.UNCERTAIN,
        uncertain_count=1,
        not_before=now + QUIET,
        last_code="died",
        **_UNLEASED,
    )
    if ids:
        outbox.handed_over(ids)
    if failed or ids:
        log.warning("mail_leases_lapsed", outbox=outbox.name, uncertain=ids, failed=failed)


def _rows(outbox: Outbox) -> Any:
    return outbox.model._default_manager.all()


def _mine(outbox: Outbox, owner: uuid.UUID, status: OutgoingStatus) -> Any:
    return _rows(outbox).filter(status=status, lease_owner=owner)


def _sending_is_on() -> Exists:
    return Exists(SendingSwitch.objects.filter(pk=1, is_on=True))


@contextmanager
def _quick_commit() -> Iterator[None]:
    """A transaction whose commit does not wait for the disk (see the head of this module)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        yield
