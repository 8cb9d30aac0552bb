from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.models import Tally
from apps.mail.sending import send_due
from apps.notifications.services import plan_due
from tests.factories import DeliveryFactory, ProblemFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def totals(name: str) -> dict[tuple[str, ...], float]:
    return {tuple(row.labels): row.total for row in Tally.objects.filter(name=name)}


def test_planning_counts_whom_it_planned_for_and_who_starved():
    SubscriptionFactory(difficulties=["hard"])
    SubscriptionFactory.create_batch(2)
    ProblemFactory(difficulty="easy")

    plan_due()

    assert totals("dailychallenge_subscriptions_planned") == {("planned",): 2, ("starved",): 1}


def test_planning_nobody_counts_nothing():
    plan_due()

    assert totals("dailychallenge_subscriptions_planned") == {}


def test_sending_counts_attempts_and_how_late_they_were(settings):
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}
    DeliveryFactory(due_at=timezone.now() - timedelta(seconds=90))
    DeliveryFactory(due_at=timezone.now() - timedelta(seconds=90))

    counts = send_due()

    assert counts == {"sent": 2}
    assert totals("dailychallenge_mails_settled") == {("delivery", "sent"): 2}
    assert totals("dailychallenge_mail_lag_seconds") == {("delivery", "120.0"): 2}
    late_s = totals("dailychallenge_mail_lag_seconds_sum")[("delivery",)]
    assert 180 <= late_s < 240
