"""The transitions of an outbox row, each one conditional UPDATE in one short transaction.

Only mail.sending and mail.recovery call these. A row is fenced by who leased it and by the number
of its attempt. Arm and settle commit quickly, without waiting for the disk: a process that dies
loses nothing by that. A database that dies may forget the last of them, while the sender that made
them still knows: it writes them down again. Should both die at once, mails of the last moment are
repeated under the same Message-ID.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from apps.mail import advance as advance_sql
from apps.mail.claiming import lease
from apps.mail.models import Outgoing, OutgoingStatus, SendingSwitch
from apps.mail.outbox import Outbox
from apps.mail.transports import Outcome, Verdict

log = structlog.get_logger(__name__)

JITTER = 0.2
UNLEASED: dict[str, Any] = {"lease_until": None, "lease_owner": None}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that one run holds a lease on."""

    owner: uuid.UUID
    leased_until: datetime
    rows: Sequence[Any] = ()

    def is_leased(self) -> bool:
        """Whether a row of it may still be armed."""
        return timezone.now() < self.leased_until


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one row: its n-th, by a lease holder, under the row's Message-ID."""

    row: Outgoing
    number: int
    owner: uuid.UUID
    message_id: str

    @classmethod
    def next_of(cls, row: Outgoing, owner: uuid.UUID, message_id: str) -> "Attempt":
        """The attempt that arming this row begins."""
        return cls(row, row.attempts + 1, owner, message_id)

    @classmethod
    def under_way(cls, row: Outgoing) -> "Attempt":
        """The attempt that an armed row is in."""
        assert row.lease_owner is not None
        return cls(row, row.attempts, row.lease_owner, row.message_id)


def delivery_key(row: Outgoing, message_id: str) -> str:
    """What the next attempt at a row shares with the one before if nobody knows whether that one
    arrived, and with no other: a mail that was refused, or that bounced, may be sent anew.
    """
    return f"{message_id}/{row.attempts + 1 - row.uncertain_count}"


def claim(outbox: Outbox, *, limit: int) -> Batch:
    """Lease up to `limit` due rows, oldest first, leaving out those that must be claimed alone."""
    return _claim(outbox, suspects=False, limit=limit)


def claim_suspect(outbox: Outbox) -> Batch:
    """Lease one row that a dead worker left unarmed: alone, for it may be what killed it."""
    return _claim(outbox, suspects=True, limit=1)


def _claim(outbox: Outbox, *, suspects: bool, limit: int) -> Batch:
    now = timezone.now()
    owner, leased_until = uuid.uuid4(), now + _lease()
    ids = lease(outbox, suspects=suspects, limit=limit, now=now, owner=owner, until=leased_until)
    return Batch(owner, leased_until, outbox.load(ids) if ids else ())


def advance(
    outbox: Outbox,
    done: Sequence[tuple[Attempt, Outcome]],
    attempt: Attempt | None,
    *,
    for_good: bool = False,
) -> tuple[list[str], bool]:
    """Settle what is done and arm what comes next, in one statement if one is done, as it is when
    nothing goes wrong.

    It commits quickly; `for_good` brings this and all quick commits before it to the disk. Returns
    the settled rows' new statuses, and whether the next one is armed; see settle and arm.
    """
    earlier, last = done[:-1], done[-1:]
    statuses = [_step(outbox, [each], None, for_good)[0] for each in earlier]
    if not (last or attempt):
        return [], False
    status, armed = _step(outbox, last, attempt, for_good)
    return [*statuses, status] if last else [], armed


def arm(outbox: Outbox, attempt: Attempt) -> bool:
    """Take the last step before the mail leaves: a process that dies from here on leaves the row
    uncertain. False when it is not ours any more, or not to be sent.
    """
    return advance(outbox, [], attempt)[1]


def settle(outbox: Outbox, attempt: Attempt, outcome: Outcome) -> str:
    """Write down what became of an attempt; returns the row's new status, or `superseded` when
    somebody else has settled it or tried again since. Writing it down twice changes nothing.
    """
    return advance(outbox, [(attempt, outcome)], None)[0][0]


def _step(
    outbox: Outbox,
    done: Sequence[tuple[Attempt, Outcome]],
    attempt: Attempt | None,
    for_good: bool,
) -> tuple[str, bool]:
    now = timezone.now()
    owner = attempt.owner if attempt else done[0][0].owner
    assert all(finished.owner == owner for finished, _ in done)
    parameters: dict[str, Any] = {"is_quick": not for_good, "now": now, "owner": owner}
    if attempt:
        parameters |= _arming(outbox, attempt, now)
    changes: Mapping[str, Any] = {}
    for finished, outcome in done:
        changes = settled(finished, outcome, now)
        parameters |= _settling(outbox, finished, changes)
    is_settled, is_armed = advance_sql.run(outbox, parameters)
    for finished, _ in done:
        _tell(outbox, finished, changes, is_settled)
    return str(changes.get("status")) if is_settled else "superseded", is_armed


def _arming(outbox: Outbox, attempt: Attempt, now: datetime) -> dict[str, Any]:
    return {
        "next_id": attempt.row.pk,
        "next_number": attempt.number,
        "next_lease_until": now + _lease(),
        "next_message_id": attempt.message_id,
        **outbox.arming(attempt.row),
    }


def _settling(outbox: Outbox, attempt: Attempt, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "done_id": attempt.row.pk,
        "done_number": attempt.number,
        **{f"done_{column}": value for column, value in changes.items()},
        **outbox.settling(attempt.row),
    }


def _tell(outbox: Outbox, attempt: Attempt, changes: Mapping[str, Any], is_settled: bool) -> None:
    """One line for each outcome."""
    if not is_settled:
        log.warning("mail_superseded", outbox=outbox.name, row=attempt.row.pk)
        return
    told = {name: changes[name] for name in ("status", "last_code", "attempts")}
    log.info("mail_settled", outbox=outbox.name, row=attempt.row.pk, **told)


def settled(attempt: Attempt, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The columns that an outcome changes, all of them."""
    return {
        "attempts": attempt.number,
        "uncertain_count": attempt.row.uncertain_count,
        "not_before": None,
        "message_id": attempt.message_id,
        "provider_message_id": outcome.provider_message_id,
        "last_code": outcome.code[:40],
        **_verdict(attempt, outcome, now),
    }


def _verdict(attempt: Attempt, outcome: Outcome, now: datetime) -> dict[str, Any]:
    uncertain_count = attempt.row.uncertain_count
    match outcome.verdict:
        case Verdict.SENT:
            return {"status": OutgoingStatus.SENT}
        case Verdict.REFUSED_US | Verdict.UNSENT:
            return {"status": OutgoingStatus.PLANNED, "attempts": attempt.number - 1}
        case Verdict.RETRY:
            return put_off(attempt.number, now)
        case Verdict.UNDER_WAY:
            # Counted as uncertain, so that the next attempt has the same delivery key.
            return put_off(attempt.number, now) | {"uncertain_count": uncertain_count + 1}
        case Verdict.UNCERTAIN if uncertain_count == 0:
            quiet = {"not_before": now + timedelta(seconds=settings.MAIL_QUIET_S)}
            return {"status": OutgoingStatus.UNCERTAIN, "uncertain_count": 1} | quiet
        case Verdict.UNCERTAIN:
            return {"status": OutgoingStatus.FAILED, "uncertain_count": uncertain_count + 1}
        case Verdict.FAILED:
            return {"status": OutgoingStatus.FAILED}


def put_off(attempts: int, now: datetime) -> dict[str, Any]:
    """The columns of a row whose n-th attempt (from 1) was put off: to be tried again later, until
    it has been tried often enough.
    """
    if attempts > len(settings.MAIL_BACKOFF_S):
        return {"status": OutgoingStatus.FAILED}
    return {"status": OutgoingStatus.PLANNED, "not_before": now + backoff(attempts)}


def backoff(attempts: int) -> timedelta:
    """How long to wait after the n-th attempt (from 1), ±20 %, so that a herd of rows spreads."""
    factor = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- no secret
    return timedelta(seconds=settings.MAIL_BACKOFF_S[attempts - 1] * factor)


def release(outbox: Outbox, batch: Batch) -> int:
    """Give back what this run holds and did not arm; returns how many rows."""
    return int(_claimed(outbox, batch.owner).update(status=OutgoingStatus.PLANNED, **UNLEASED))


def postpone(outbox: Outbox, owner: uuid.UUID, row: Outgoing, code: str) -> None:
    """Put off a claimed row whose mail cannot be made, as after a temporary refusal."""
    attempts = row.attempts + 1
    mine = _claimed(outbox, owner).filter(id=row.pk, attempts=row.attempts)
    changes = put_off(attempts, timezone.now())
    mine.update(last_code=code, attempts=attempts, solo_claims=0, **changes, **UNLEASED)


def call_off(outbox: Outbox, batch: Batch, ids: Sequence[int], code: str) -> int:
    """Cancel claimed rows that have nothing more to say; how many."""
    return outbox.call_off(_claimed(outbox, batch.owner).filter(id__in=ids), code=code)


def call_off_unwanted(outbox: Outbox, owner: uuid.UUID, row: Outgoing) -> bool:
    """Cancel a claimed row that may not be armed any more; False when that was not the reason."""
    if advance_sql.is_armable(outbox, row):
        return False
    return bool(outbox.call_off(_claimed(outbox, owner).filter(id=row.pk), code="no_longer_wanted"))


def is_sending_on() -> bool:
    """Whether the switch is on at this moment."""
    return SendingSwitch.objects.filter(pk=1, is_on=True).exists()


def rows_of(outbox: Outbox) -> Any:
    """All rows of an outbox."""
    return outbox.model._default_manager.all()


def _claimed(outbox: Outbox, owner: uuid.UUID) -> Any:
    return rows_of(outbox).filter(status=OutgoingStatus.CLAIMED, lease_owner=owner)


def _lease() -> timedelta:
    return timedelta(seconds=settings.MAIL_LEASE_S)
