"""What notifications makes of what the planner and the bank tell."""

import pytest

from apps.core.models import Alert
from apps.notifications.services import plan_due
from tests.factories import SubscriptionFactory

pytestmark = pytest.mark.django_db


def test_starving_raises_one_alert_however_often_it_happens():
    SubscriptionFactory()
    plan_due()
    SubscriptionFactory.create_batch(2)

    plan_due()

    alert = Alert.objects.get()
    assert (alert.kind, alert.key, alert.detail) == ("supply_low", "", {"starved_subscriptions": 2})
    assert (alert.raised_count, alert.resolved_at) == (2, None)
