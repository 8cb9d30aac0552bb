"""The outbox of challenges and solutions, as the sending engine sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.mail.account_outbox import not_suppressed
from apps.mail.message import Message
from apps.mail.models import HANDED_OVER
from apps.notifications.clock import LATENESS
from apps.notifications.mails import compose
from apps.notifications.models import Delivery, DeliveryKind, SubscriptionStatus
from apps.notifications.services.deliveries import (
    expire_solutions,
    follow_with_solutions,
    free_slots,
)
from apps.problems.models import ProblemStatus


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
        wanted = Q(subscription__status=SubscriptionStatus.ACTIVE)
        if row.kind == DeliveryKind.CHALLENGE:
            wanted &= Q(problem__status=ProblemStatus.APPROVED)
        else:
            wanted &= Q(subscription__send_solutions=True)
        return wanted & not_suppressed(row.subscription.user.email)

    def load(self, ids: Sequence[int]) -> list[Delivery]:
        rows = Delivery.objects.filter(id__in=ids).order_by("due_at", "id")
        return list(rows.select_related("subscription__user", "problem"))

    @transaction.atomic
    def compose(self, ids: Sequence[int]) -> Mapping[int, Message]:
        """The mails; each row notes the version of its problem that its mail shows."""
        rows = self.load(ids)
        outdated = [row for row in rows if row.problem_version != row.problem.version]
        for row in outdated:
            row.problem_version = row.problem.version
        Delivery.objects.bulk_update(outdated, ["problem_version"])
        return compose(rows)

    def expire(self, now: datetime) -> None:
        expire_solutions()

    def handed_over(self, ids: Sequence[int]) -> None:
        follow_with_solutions(ids)

    def called_off(self, ids: Sequence[int]) -> None:
        free_slots(ids)
