"""Deletes what is not kept any longer in batches, so that no lock is held for long."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH_SIZE = 5000


def delete_in_batches(rows: "QuerySet[Any]", *, batch_size: int = BATCH_SIZE) -> int:
    """Delete these rows and what hangs on them; how many of these there were.

    A row that is changed meanwhile, so that it is not among these any more, stays.
    """
    total = 0
    while deleted := _delete_batch(rows, batch_size):
        total += deleted
    return total


@transaction.atomic
def _delete_batch(rows: "QuerySet[Any]", batch_size: int) -> int:
    locked = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    ids = list(locked.values_list("pk", flat=True)[:batch_size])
    _, deleted = rows.model._default_manager.filter(pk__in=ids).delete()
    return int(deleted.get(rows.model._meta.label, 0))
