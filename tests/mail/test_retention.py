"""Account mails are kept for 30 days after they came to an end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.mail import retention
from apps.mail.models import OutboundMail
from tests.factories import OutboundMailFactory

pytestmark = pytest.mark.django_db


def aged(days: int, status: str) -> OutboundMail:
    mail = OutboundMailFactory(status=status)
    created_at = timezone.now() - timedelta(days=days)
    OutboundMail.objects.filter(pk=mail.pk).update(created_at=created_at)
    return mail


def test_only_what_is_old_and_ended_is_deleted_batch_by_batch(monkeypatch):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    for _ in range(3):
        aged(31, "failed")
    kept = {aged(31, "planned").pk, aged(29, "failed").pk}

    assert retention.prune_outbound_mails() == 3

    assert set(OutboundMail.objects.values_list("id", flat=True)) == kept
