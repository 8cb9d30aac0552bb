"""The outbox of challenges and solutions, as the sending engine sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from apps.mail.message import Message, address_digest
from apps.mail.models import HANDED_OVER
from apps.notifications.clock import LATENESS, SOLUTION_LEAD, solution_slot
from apps.notifications.dispatches import Dispatch, load_dispatches
from apps.notifications.mails import compose
from apps.notifications.models import Delivery, DeliveryKind, Subscription
from apps.notifications.services.deliveries import call_off, expire_solutions, timetable_of

_HERE = Path(__file__).parent


class DeliveryOutbox:
    """Serves notifications.Delivery."""

    name = "delivery"
    model = Delivery
    armable = (_HERE / "armable.sql").read_text()
    sequel = (_HERE / "sequel.sql").read_text()
    parameter_types = {
        "next_digest": "text",
        "done_solution_date": "date",
        "done_solution_at": "timestamptz",
    }

    def arming(self, row: Any) -> Mapping[str, Any]:
        return {"next_digest": address_digest(row.email)}

    def settling(self, row: Any) -> Mapping[str, Any]:
        slot = solution_slot(timetable_of(row), row.due_at)
        return {"done_solution_date": slot.local_date, "done_solution_at": slot.due_at}

    def fresh(self, now: datetime) -> Q:
        """What is not stale; the planner dates that anew."""
        # A solution is as late as the slot that it comes just before.
        return Q(due_at__gt=now - LATENESS - SOLUTION_LEAD) & (
            Q(kind=DeliveryKind.SOLUTION) | Q(due_at__gt=now - LATENESS)
        )

    def claimable(self, now: datetime) -> Q:
        """Challenges at once, solutions after their challenge."""
        challenge = Delivery.objects.challenges().filter(
            subscription=OuterRef("subscription"), slot=OuterRef("slot"), status__in=HANDED_OVER
        )
        # No Exists: where many are due PostgreSQL answers that for all challenges that ever went
        # out, to claim fifty.
        challenge_went_out = IsNull(Subquery(challenge.order_by().values("id")[:1]), False)
        return self.fresh(now) & (Q(kind=DeliveryKind.CHALLENGE) | Q(challenge_went_out))

    def load(self, ids: Sequence[int]) -> list[Dispatch]:
        return load_dispatches(ids)

    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        """The mails; each row notes the version of its problem that its mail shows."""
        outdated = [row for row in rows if row.problem_version != row.problem.version]
        for row in outdated:
            row.problem_version = row.problem.version
        if outdated:
            noted = [Delivery(pk=row.pk, problem_version=row.problem_version) for row in outdated]
            Delivery.objects.bulk_update(noted, ["problem_version"])
        return compose(rows)

    def look(self, row: Any) -> Message | None:
        return compose(self.load([row.pk])).get(row.pk)

    def expire(self, now: datetime) -> None:
        expire_solutions()

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        return call_off(rows, code=code)

    def why_not_resend(self, row: Any) -> str:
        """A stale challenge takes the place of the next; two at once would arrive on one day. A
        solution without its challenge would be called off at once.
        """
        Subscription.objects.select_for_update().get(pk=row.subscription_id)
        if row.kind == DeliveryKind.SOLUTION:
            orphaned = Delivery.objects.filter(pk=row.pk).without_challenge()
            return "Its challenge did not go out; send that again first." if orphaned else ""
        others = Delivery.objects.challenges().open().filter(subscription=row.subscription_id)
        if others.exclude(pk=row.pk).exists():
            return "Another challenge for this reader is on its way."
        return ""
