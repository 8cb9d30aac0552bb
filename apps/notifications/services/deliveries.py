"""What happens to delivery rows outside the sending engine: they are called off."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.mail.models import OutgoingStatus
from apps.notifications.clock import Timetable
from apps.notifications.dispatches import Dispatch
from apps.notifications.models import Delivery, DeliveryKind, Subscription


@transaction.atomic
def call_off(deliveries: "QuerySet[Any]", *, code: str, replan: bool = False) -> int:
    """Cancel those of `deliveries` that are not armed yet; frees their slots and problems.

    Returns how many.

    With `replan` the planner chooses again for the same instant. Rows that are being sent are left
    alone.
    """
    unarmed = deliveries.filter(status__in=(OutgoingStatus.PLANNED, OutgoingStatus.CLAIMED))
    # Subscriptions before their deliveries, as everywhere, so that nobody waits in a circle.
    owners = Subscription.objects.filter(pk__in=unarmed.values("subscription_id"))
    list(owners.order_by("id").select_for_update().values_list("id"))
    locked = unarmed.order_by("id").select_for_update(of=("self",))
    rows = list(locked.values_list("id", "uncertain_count"))
    unsent = [pk for pk, uncertain_count in rows if not uncertain_count]
    _end(unsent, OutgoingStatus.CANCELLED, code)
    # What may have arrived keeps its problem, which must not come a second time.
    _end([pk for pk, uncertain_count in rows if uncertain_count], OutgoingStatus.FAILED, code)
    free_slots(unsent, replan=replan)
    return len(rows)


def _end(ids: Sequence[int], status: OutgoingStatus, code: str) -> None:
    if ids:
        Delivery.objects.filter(id__in=ids).update(
            status=status, last_code=code, lease_until=None, lease_owner=None
        )


def free_slots(cancelled_ids: Sequence[int], *, replan: bool = False) -> None:
    """Take cancelled challenges out of their subscriptions' count, as if they had never been
    planned.
    """
    if not cancelled_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH freed AS (
                SELECT subscription_id, min(due_at) AS due_at
                FROM notifications_delivery
                WHERE id = ANY(%(ids)s) AND kind = 'challenge'
                GROUP BY subscription_id
            )
            UPDATE notifications_subscription AS s
            SET slot_count = COALESCE(kept.slot, 0),
                last_due_at = kept.due_at,
                next_delivery_at = CASE WHEN %(replan)s AND s.status = 'active'
                                        THEN LEAST(s.next_delivery_at, freed.due_at)
                                        ELSE s.next_delivery_at END
            FROM freed
            CROSS JOIN LATERAL (
                SELECT max(slot) AS slot, max(due_at) AS due_at
                FROM notifications_delivery
                WHERE subscription_id = freed.subscription_id
                  AND kind = 'challenge' AND status <> 'cancelled'
            ) AS kept
            WHERE s.id = freed.subscription_id
            """,
            {"ids": list(cancelled_ids), "replan": replan},
        )


def timetable_of(wishes: Subscription | Dispatch) -> Timetable:
    """The part of a subscription that fixes its slots."""
    return Timetable(wishes.timezone, wishes.delivery_time, tuple(sorted(wishes.weekdays)))


def expire_solutions() -> int:
    """Cancel planned solutions whose challenge failed or was called off: nobody could make sense of
    them.
    """
    now = timezone.now()
    orphaned = Delivery.objects.planned().filter(kind=DeliveryKind.SOLUTION, due_at__lte=now)
    return call_off(orphaned.without_challenge(), code="challenge_failed")
