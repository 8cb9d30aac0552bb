from dataclasses import asdict
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.dispatches import load_dispatches
from tests.factories import DeliveryFactory, SentDeliveryFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription():
    return SubscriptionFactory(timezone="Europe/Berlin", weekdays=[1, 5])


def neighbour(row):
    (loaded,) = load_dispatches([row.pk])
    return loaded.neighbour


def test_a_dispatch_has_the_columns_of_its_rows(subscription):
    before = SentDeliveryFactory(subscription=subscription, problem_version=3)
    row = DeliveryFactory(subscription=subscription, slot=2, reason_path="Python → asyncio")

    (loaded,) = load_dispatches([row.pk])

    row.refresh_from_db()
    before.refresh_from_db()
    subscription.refresh_from_db()
    found = asdict(loaded)
    of_the_problem, of_the_neighbour = found.pop("problem"), found.pop("neighbour")
    assert of_the_problem == row.problem
    assert of_the_neighbour._asdict() == {
        **{name: getattr(before, name) for name in of_the_neighbour._fields[:-1]},
        "title": before.problem.title,
    }
    assert found.pop("email") == subscription.user.email
    of_the_reader = {
        name: found.pop(name) for name in ("timezone", "delivery_time", "weekdays", "subscribed_at")
    }
    assert of_the_reader == {name: getattr(subscription, name) for name in of_the_reader}
    assert found == {name: getattr(row, name) for name in found}


def test_they_come_in_order_of_sending():
    now = timezone.now()
    late, early, as_early = (
        DeliveryFactory(due_at=now - timedelta(minutes=minutes)) for minutes in (1, 5, 5)
    )

    loaded = load_dispatches([late.pk, as_early.pk, early.pk])

    assert [row.pk for row in loaded] == [early.pk, as_early.pk, late.pk]
    assert load_dispatches([]) == []


def test_a_solution_has_its_challenge_and_a_challenge_the_one_before(subscription):
    first = SentDeliveryFactory(subscription=subscription)
    second = SentDeliveryFactory(subscription=subscription, slot=2)
    solution = DeliveryFactory(
        subscription=subscription, slot=2, kind="solution", problem=second.problem
    )
    # Somebody else's of the same slots.
    SentDeliveryFactory()

    assert neighbour(first) is None
    assert neighbour(second).pk == first.pk
    assert neighbour(solution).pk == second.pk


def test_what_was_called_off_is_nobodys_neighbour(subscription):
    DeliveryFactory(subscription=subscription, status="cancelled")
    following = DeliveryFactory(subscription=subscription, slot=2)
    instead = DeliveryFactory(subscription=subscription, status="failed")

    assert neighbour(following).pk == instead.pk

    instead.status = "cancelled"
    instead.save()
    assert neighbour(following) is None
