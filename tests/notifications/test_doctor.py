from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.doctor import check_rate
from tests.factories import SubscriptionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def audience():
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    SubscriptionFactory.create_batch(3, next_delivery_at=now + timedelta(hours=2))
    SubscriptionFactory(next_delivery_at=now + timedelta(hours=5))
    SubscriptionFactory(next_delivery_at=now + timedelta(days=3))


def lines() -> list[str]:
    return [str(finding) for finding in check_rate()]


def test_without_limits_the_audience_is_told():
    assert lines() == ["ok    audience: at most 8 mails in the next day, 6 in the busiest hour."]


def test_a_day_that_does_not_fit_is_a_warning(settings):
    settings.EMAIL_MAX_PER_DAY = 7

    assert lines()[0] == (
        "warn  audience: 8 mails want to leave in a day that lets 7 through. "
        "Do: Raise EMAIL_MAX_PER_DAY; the rest will be late."
    )


def test_an_hour_that_does_not_fit_is_a_warning(settings, monkeypatch):
    settings.EMAIL_MAX_PER_SECOND = 1
    monkeypatch.setattr("apps.notifications.doctor.HOUR_S", 5)

    assert lines()[0] == (
        "warn  audience: 6 mails want to leave in an hour that lets 5 through. "
        "Do: Raise EMAIL_MAX_PER_SECOND; the rest will be late."
    )


def test_limits_that_suffice_are_no_matter(settings):
    settings.EMAIL_MAX_PER_SECOND, settings.EMAIL_MAX_PER_DAY = 1, 8

    assert [said[:2] for said in lines()] == ["ok"]


def test_one_query_is_enough(django_assert_num_queries):
    with django_assert_num_queries(1):
        lines()
