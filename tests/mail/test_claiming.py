"""Claiming stays cheap whatever the ledger holds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from apps.mail import claiming
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from apps.problems.models import Problem
from tests.factories import SentDeliveryFactory

pytestmark = pytest.mark.django_db

SENT = 400


def another(row, **changes):
    """A copy of a row that is not saved yet."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**columns | {"id": None} | changes)


def a_long_past_and_solutions_that_are_due():
    """Some hundreds of slots of one reader gone by, each with a solution that is due."""
    now = timezone.now()
    first = SentDeliveryFactory(due_at=now - timedelta(hours=20))
    problems = Problem.objects.bulk_create(
        another(first.problem, uuid=uuid4(), slug=f"problem-{n}") for n in range(SENT)
    )
    challenges = Delivery.objects.bulk_create(
        another(first, slot=first.slot + n, problem_id=problem.pk)
        for n, problem in enumerate(problems, 1)
    )
    planned = {"kind": "solution", "status": "planned", "sent_at": None, "due_at": now}
    Delivery.objects.bulk_create(another(row, **planned) for row in challenges)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_delivery")


def plan_of_the_claim():
    sql, parameters = claiming._compiled(DeliveryOutbox(), suspects=False, limit=50)
    now = timezone.now()
    given = [now + each if isinstance(each, timedelta) else each for each in parameters]
    with connection.cursor() as cursor:
        lease = [uuid4(), now + timedelta(minutes=5)]
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sql}", [*given, *lease])
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_claim_of_solutions_looks_up_their_own_challenges_only():
    a_long_past_and_solutions_that_are_due()

    plan = plan_of_the_claim()

    assert Delivery.objects.planned().count() == SENT - 50
    assert "hashed" not in plan
    assert f"rows={SENT}" not in plan
    assert "loops=50" in plan
