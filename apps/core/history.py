"""Who changed what of the rows that curators keep: earlier versions, and how long they stay.

simple_history notes every `save` and `delete` of a model; what writes in bulk it does not see.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalChanges, HistoricalRecords

KEEP = timedelta(days=2 * 365)
BATCH_SIZE = 5000


class History(HistoricalRecords):
    """Earlier versions of a model, each with whoever made it and why.

    Whoever is signed in to the present request is noted by itself.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            history_id_field=models.BigAutoField(),
            history_change_reason_field=models.TextField(null=True),
            **options,
        )


def note_change(row: models.Model, *, by: Any = None, reason: str = "") -> None:
    """Say, before a row is saved or deleted, who does it and why."""
    if by is not None:
        row._history_user = by  # type: ignore[attr-defined]  # -- simple_history reads it
    row._change_reason = reason or None  # type: ignore[attr-defined]  # -- likewise


def prune_history() -> int:
    """Delete versions that are older than two years; returns how many."""
    before = timezone.now() - KEEP
    return sum(_prune(model, before) for model in _historical_models())


def _historical_models() -> Iterator[Any]:
    for model in apps.get_models():
        if issubclass(model, HistoricalChanges) and hasattr(model, "history_date"):
            yield model


def _prune(model: Any, before: datetime) -> int:
    pruned = 0
    old = model.objects.filter(history_date__lt=before)
    while ids := list(old.values_list("pk", flat=True)[:BATCH_SIZE]):
        for field in model._history_m2m_fields:
            HistoricalRecords.m2m_models[field].objects.filter(history__in=ids).delete()
        pruned += model.objects.filter(pk__in=ids).delete()[0]
    return pruned
