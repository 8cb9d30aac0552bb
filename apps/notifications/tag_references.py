"""The interests of subscribers, as tags counts, merges and gives them back."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from apps.core.errors import ConflictError
from apps.notifications.models import Subscription, SubscriptionTag


def count(tag_ids: Collection[int]) -> dict[int, int]:
    """How many subscribers, of any status, chose each tag itself."""
    interests = SubscriptionTag.objects.filter(tag__in=tag_ids)
    return dict(interests.values_list("tag").annotate(count=Count("id")))


def merge(tag_id: int, into_id: int) -> dict[str, Any]:
    """Give the other tag to all who chose this one; the record tells those who had both already."""
    interests = SubscriptionTag.objects.filter(tag=tag_id)
    chose = list(interests.values_list("subscription", flat=True))
    both = SubscriptionTag.objects.filter(tag=into_id, subscription__in=chose)
    had_both = list(both.values_list("subscription", flat=True))
    interests.filter(subscription__in=had_both).delete()
    interests.update(tag=into_id)
    _forget_hunger(chose)
    return {"chose": chose, "had_both": had_both}


def undo(tag_id: int, into_id: int, record: dict[str, Any]) -> None:
    """Give the tag back to exactly those who chose it.

    ConflictError when one of them has changed their interests since.
    """
    chose, had_both = record["chose"], record["had_both"]
    moved = SubscriptionTag.objects.filter(tag=into_id, subscription__in=chose)
    if moved.count() != len(chose):
        raise ConflictError("A subscriber who had chosen the merged tag chose otherwise since.")
    moved.exclude(subscription__in=had_both).update(tag=tag_id)
    SubscriptionTag.objects.bulk_create(
        SubscriptionTag(subscription_id=subscription_id, tag_id=tag_id)
        for subscription_id in had_both
    )
    _forget_hunger(chose)


def _forget_hunger(subscription_ids: Collection[int]) -> None:
    Subscription.objects.filter(id__in=subscription_ids).update(starved_at=None)
