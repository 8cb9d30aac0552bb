"""Earlier versions of rows are kept for two years."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core import history
from apps.core.tasks import prune_versions
from apps.tags.models import Tag
from tests.factories import TagFactory

pytestmark = pytest.mark.django_db


def aged(days: int) -> int:
    """A tag's first version, as old as that; its id."""
    version = TagFactory().history.get()
    moment = timezone.now() - timedelta(days=days)
    Tag.history.filter(pk=version.pk).update(history_date=moment)
    return version.pk


def test_only_versions_older_than_two_years_are_deleted_batch_by_batch(monkeypatch):
    monkeypatch.setattr(history, "BATCH_SIZE", 2)
    for _ in range(3):
        aged(731)
    kept = {aged(729), aged(0)}

    assert prune_versions() == 3

    assert set(Tag.history.values_list("pk", flat=True)) == kept
    assert Tag.objects.count() == 5
