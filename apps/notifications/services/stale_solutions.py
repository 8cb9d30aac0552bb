"""Solutions that were held up for half a day, by an outage or in a restored backup: dated anew."""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.notifications.clock import LATENESS, SOLUTION_LEAD, Timetable, redated_solution_slot
from apps.notifications.models import Delivery, DeliveryKind

BATCH_SIZE = 5000
_SQL = Path(__file__).with_name("redate_solutions.sql").read_text()


@transaction.atomic
def redate_stale_solutions(*, batch_size: int = BATCH_SIZE) -> int:
    """Give one batch of them the instant just before their readers' next challenge; how many.

    What is dated anew is stale no more, so repeating this comes to an end.
    """
    now = timezone.now()
    rows = _stale(now).values_list("id", "subscription__timezone", "subscription__delivery_time")[
        :batch_size
    ]
    slots = {pk: redated_solution_slot(Timetable(zone, hour), now) for pk, zone, hour in rows}
    if slots:
        with connection.cursor() as cursor:
            cursor.execute(
                _SQL,
                {
                    "ids": list(slots),
                    "due_ats": [slot.due_at for slot in slots.values()],
                    "local_dates": [slot.local_date for slot in slots.values()],
                },
            )
    return len(slots)


def _stale(now: datetime) -> "QuerySet[Delivery]":
    """The held up, locked; those that a sender or another planner works on are left to it."""
    held_up = Delivery.objects.waiting().filter(
        kind=DeliveryKind.SOLUTION, due_at__lte=now - LATENESS - SOLUTION_LEAD
    )
    return held_up.order_by("due_at", "id").select_for_update(skip_locked=True, of=("self",))
