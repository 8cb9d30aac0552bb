"""The statement that claims what is due, compiled once for each outbox: composing it anew takes as
long as sending a few mails.

Plan (deliveries): Limit over LockRows over an Index Scan of delivery_due, oldest first; for each
solution that is due one probe of delivery_one_per_slot_and_kind for its challenge, four buffers;
then an Update by primary key. To pick 50 of 10,000 solutions beside 150,000 challenges: 306
buffers, 0.2 ms.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, Q
from django.utils import timezone

from apps.mail.models import SendingSwitch
from apps.mail.outbox import Outbox

_statements: dict[tuple[Any, ...], tuple[str, list[Any]]] = {}


def lease(
    outbox: Outbox, *, suspects: bool, limit: int, now: datetime, owner: UUID, until: datetime
) -> list[int]:
    """Claim up to `limit` due rows for an owner until then, oldest first, passing over those that
    others have locked; their ids.

    Suspects are rows that a dead worker left unarmed: the others are picked without them.
    """
    # `claimable` depends on nothing but the instant.
    key = (outbox.name, suspects, limit)
    if key not in _statements:
        _statements[key] = _compiled(outbox, suspects, limit)
    sql, parameters = _statements[key]
    # An instant is kept as its distance from the present one.
    given = [now + each if isinstance(each, timedelta) else each for each in parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, owner, until])
        return [pk for (pk,) in cursor.fetchall()]


@transaction.atomic(savepoint=False)  # Outside of a transaction Django compiles no FOR UPDATE.
def _compiled(outbox: Outbox, suspects: bool, limit: int) -> tuple[str, list[Any]]:
    now = timezone.now()
    manager: Any = outbox.model._default_manager
    which = Q(solo_claims__gt=0) if suspects else Q(solo_claims=0)
    is_on = Exists(SendingSwitch.objects.filter(pk=1, is_on=True))
    due = manager.claimable(now).filter(which, outbox.claimable(now), is_on)
    picked = (
        due.order_by("due_at", "id")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("id", flat=True)
    )
    sql, parameters = picked[:limit].query.sql_with_params()
    table = outbox.model._meta.db_table
    claim = f"""WITH picked AS ({sql})
        UPDATE {table} AS row SET status = 'claimed', lease_owner = %s, lease_until = %s
        FROM picked WHERE row.id = picked.id RETURNING row.id"""  # noqa: S608 -- ours
    return claim, [each - now if isinstance(each, datetime) else each for each in parameters]
