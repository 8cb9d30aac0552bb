"""What is read of deliveries before they are sent: two statements, however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.notifications.models import DeliveryKind
from apps.problems.models import Problem

_SQL = Path(__file__).with_suffix(".sql").read_text()


class Neighbour(NamedTuple):
    """The challenge that a solution solves, or the one before a challenge."""

    pk: int
    status: str
    due_at: datetime
    local_date: date
    problem_version: int
    message_id: str
    title: str


@dataclass(slots=True)
class Dispatch:
    """A delivery with all that sending it takes. Plain columns: to make models of four tables took
    longer than to compose the mails.
    """

    pk: int
    kind: str
    slot: int
    due_at: datetime
    local_date: date
    attempts: int
    uncertain_count: int
    lease_owner: UUID | None
    message_id: str
    problem_id: int
    problem_version: int
    reason_code: str
    reason_path: str
    subscription_id: int
    email: str
    timezone: str
    delivery_time: time
    weekdays: Sequence[int]
    subscribed_at: datetime
    neighbour: Neighbour | None
    problem: Problem = field(repr=False)

    @property
    def is_challenge(self) -> bool:
        """Or it is a solution."""
        return self.kind == DeliveryKind.CHALLENGE

    @property
    def solved(self) -> Neighbour | None:
        """The challenge that a solution solves, if it is to be found."""
        return None if self.is_challenge else self.neighbour


# All but the last two are columns.
_OWN_COUNT = len(Dispatch.__dataclass_fields__) - 2


def load_dispatches(ids: Sequence[int]) -> list[Dispatch]:
    """The deliveries of these ids, in order of sending."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"ids": list(ids)})
        found = cursor.fetchall()
    problem_id = list(Dispatch.__dataclass_fields__).index("problem_id")
    # Problems are long, and a batch has few: read once each, not once a row.
    problems = Problem.objects.in_bulk({values[problem_id] for values in found})
    return [
        Dispatch(
            *(*values[:_OWN_COUNT], _neighbour(values[_OWN_COUNT:]), problems[values[problem_id]])
        )
        for values in found
    ]


def _neighbour(values: Sequence[Any]) -> Neighbour | None:
    return None if values[0] is None else Neighbour._make(values)
