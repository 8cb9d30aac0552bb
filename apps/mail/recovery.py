"""Takes up what dead workers left behind, and what has been quiet for long enough."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from apps.core.services import raise_alert
from apps.mail import ledger
from apps.mail.ledger import JITTER, UNLEASED, Attempt, rows_of
from apps.mail.models import LEASED, OutgoingStatus
from apps.mail.outbox import CLOCK_SKEW, Outbox
from apps.mail.transports import Outcome, Verdict

log = structlog.get_logger(__name__)

_DIED = Outcome(Verdict.UNCERTAIN, "died")


def recover(outbox: Outbox) -> None:
    """Walk every arrow that time alone allows. Any number of workers may do so at once.

    Unarmed when its lease ended: planned again, to be claimed alone; after three such claims it has
    failed. Armed: uncertain, or failed the second time. Uncertain and quiet: planned again, under
    the same Message-ID.
    """
    now = timezone.now()
    _bound_waits(outbox, now)
    _recover_unarmed(outbox, now)
    _recover_armed(outbox, now)
    quiet = rows_of(outbox).filter(status=OutgoingStatus.UNCERTAIN, not_before__lte=now)
    _locked_update(quiet, status=OutgoingStatus.PLANNED, not_before=None)


def _bound_waits(outbox: Outbox, now: datetime) -> None:
    """After the clock was set back nothing waits longer than it would have waited from now."""
    for status, column, seconds in (
        (LEASED, "lease_until", settings.MAIL_LEASE_S),
        ((OutgoingStatus.UNCERTAIN,), "not_before", settings.MAIL_QUIET_S),
    ):
        latest = now + timedelta(seconds=seconds)
        too_late = {f"{column}__gt": latest + CLOCK_SKEW}
        _locked_update(rows_of(outbox).filter(status__in=status, **too_late), **{column: latest})
    # Of what is planned only what is due would leave sooner. It is found by the index of what is
    # due: in 40 ms where 50,000 are, in half a second where a million are.
    due = rows_of(outbox).filter(status=OutgoingStatus.PLANNED, due_at__lte=now)
    too_late = due.filter(not_before__gt=_longest_backoff(now + CLOCK_SKEW))
    _locked_update(too_late, not_before=_longest_backoff(now))


def _longest_backoff(now: datetime) -> Case:
    """Until when the attempts that a row has behind it may hold it back."""
    latest = [now + timedelta(seconds=each * (1 + JITTER)) for each in settings.MAIL_BACKOFF_S]
    by_attempts = (When(attempts__lte=n, then=Value(each)) for n, each in enumerate(latest, 1))
    return Case(*by_attempts, default=Value(latest[-1]))


@transaction.atomic
def _recover_unarmed(outbox: Outbox, now: datetime) -> None:
    lapsed = rows_of(outbox).filter(status=OutgoingStatus.CLAIMED, lease_until__lte=now)
    poison = _locked_update(
        lapsed.filter(solo_claims__gte=settings.MAIL_SOLO_CLAIMS),
        status=OutgoingStatus.FAILED,
        last_code="poison",
        **UNLEASED,
    )
    if poison:
        log.error("mail_poison", outbox=outbox.name, rows=poison)
        raise_alert("mail_poison", key=outbox.name, detail={"rows": poison[:50]})
    _locked_update(
        lapsed, status=OutgoingStatus.PLANNED, solo_claims=F("solo_claims") + 1, **UNLEASED
    )


def _recover_armed(outbox: Outbox, now: datetime) -> None:
    lapsed = rows_of(outbox).filter(status=OutgoingStatus.SENDING, lease_until__lte=now)
    ids = list(lapsed.values_list("id", flat=True))
    for row in outbox.load(ids) if ids else ():
        status = ledger.settle(outbox, Attempt.under_way(row), _DIED)
        log.warning("mail_sender_died", outbox=outbox.name, row=row.pk, status=status)


@transaction.atomic
def _locked_update(rows: Any, **changes: Any) -> list[int]:
    """Update what nobody else has under way; returns the ids.

    The rows are locked first, skipping locked ones, so that two workers never wait for each other
    in a circle.
    """
    ids = list(rows.select_for_update(skip_locked=True).values_list("id", flat=True))
    if ids:
        rows.model._default_manager.filter(id__in=ids).update(**changes)
    return ids
