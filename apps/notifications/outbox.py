"""The outbox of challenges and solutions, as the sending engine sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.mail.account_outbox import not_suppressed
from apps.mail.message import Message
from apps.mail.models import HANDED_OVER
from apps.notifications.clock import LATENESS
from apps.notifications.mails import compose
from apps.notifications.models import Delivery, DeliveryKind, Subscription
from apps.notifications.services.deliveries import (
    call_off,
    expire_solutions,
    follow_with_solutions,
)
from apps.problems.models import Problem


class DeliveryOutbox:
    """Serves notifications.Delivery."""

    name = "delivery"
    model = Delivery

    def claimable(self, now: datetime) -> Q:
        """Challenges while they are fresh (the planner re-dates stale ones); solutions after their
        challenge.
        """
        challenge_went_out = Delivery.objects.challenges().filter(
            subscription=OuterRef("subscription"), slot=OuterRef("slot"), status__in=HANDED_OVER
        )
        return Q(kind=DeliveryKind.CHALLENGE, due_at__gt=now - LATENESS) | Q(
            Exists(challenge_went_out), kind=DeliveryKind.SOLUTION
        )

    def armable(self, row: Any) -> Q:
        subscription = Subscription.objects.active().filter(pk=OuterRef("subscription"))
        if row.kind == DeliveryKind.SOLUTION:
            wanted = Q(Exists(subscription.filter(send_solutions=True)))
        else:
            problem = Problem.objects.approved().filter(pk=OuterRef("problem"))
            wanted = Q(Exists(subscription)) & Q(Exists(problem))
        return wanted & not_suppressed(row.subscription.user.email)

    def load(self, ids: Sequence[int]) -> list[Delivery]:
        rows = Delivery.objects.filter(id__in=ids).order_by("due_at", "id")
        return list(rows.select_related("subscription__user", "problem"))

    @transaction.atomic
    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        """The mails; each row notes the version of its problem that its mail shows."""
        outdated = [row for row in rows if row.problem_version != row.problem.version]
        for row in outdated:
            row.problem_version = row.problem.version
        Delivery.objects.bulk_update(outdated, ["problem_version"])
        return compose(rows)

    def expire(self, now: datetime) -> None:
        expire_solutions()

    def handed_over(self, ids: Sequence[int]) -> None:
        follow_with_solutions(ids)

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        return call_off(rows, code=code)
