"""What deliveries and readings say about who may see a solution; the answer to problems.access."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.mail.models import HANDED_OVER
from apps.notifications.models import Delivery, DeliveryKind
from apps.notifications.selectors import solution_instant
from apps.problems.access import Access, Mine
from apps.problems.querysets import ProblemQuerySet


class DeliveryAccess:
    """Implements problems.access.AccessProvider."""

    def access(self, user: User, problem_ids: Sequence[int]) -> Mapping[int, Access]:
        """One query for any number of problems."""
        rows = _sent_to(user).filter(problem_id__in=problem_ids)
        return _accesses(rows.select_related("subscription", "reading"), timezone.now())

    def having(self, problems: ProblemQuerySet, user: User, mine: Mine) -> ProblemQuerySet:
        challenges = _sent_to(user).filter(kind=DeliveryKind.CHALLENGE, problem=OuterRef("pk"))
        if mine == Mine.NONE:
            return problems.filter(~Exists(challenges))
        if mine != Mine.DELIVERED:
            challenges = challenges.filter(reading__outcome=mine)
        return problems.filter(Exists(challenges))


def _sent_to(user: User) -> QuerySet[Delivery]:
    return Delivery.objects.of_user(user).filter(status__in=HANDED_OVER)


def _accesses(rows: Iterable[Delivery], now: datetime) -> dict[int, Access]:
    """A mailed solution is theirs for good, even if a change of the hour moved the instant."""
    challenges, mailed = [], set()
    for row in rows:
        if row.kind == DeliveryKind.CHALLENGE:
            challenges.append(row)
        else:
            mailed.add(row.problem_id)
    return {
        challenge.problem_id: _access(challenge, challenge.problem_id in mailed, now)
        for challenge in challenges
    }


def _access(challenge: Delivery, is_mailed: bool, now: datetime) -> Access:
    reading = getattr(challenge, "reading", None)
    available_at = solution_instant(challenge.subscription, challenge.due_at)
    is_revealed = bool(reading and reading.revealed_at)
    return Access(
        delivery_id=challenge.pk,
        local_date=challenge.local_date,
        outcome=(reading.outcome or None) if reading else None,
        solution_available_at=available_at,
        is_solution_theirs=available_at <= now or is_revealed or is_mailed,
        hints_shown=reading.hints_shown if reading else 0,
    )
