"""What notifications holds on a person, for their export."""

from typing import Any

from apps.accounts.models import User
from apps.notifications.models import ConsentEvent, Delivery, Subscription

_READING = ("hints_shown", "revealed_at", "outcome", "marked_at", "difficulty_felt", "rating")
_DELIVERY = (
    "kind",
    "slot",
    "local_date",
    "due_at",
    "status",
    "attempts",
    "sent_at",
    "problem__slug",
    "problem_version",
    "reason_code",
    "reason_path",
    *(f"reading__{name}" for name in (*_READING, "comment")),
)


def subscription_data(user: User) -> dict[str, Any] | None:
    """The subscription with all that is remembered of it; None without one."""
    subscription = Subscription.objects.filter(user=user).first()
    if subscription is None:
        return None
    fields = (field.attname for field in Subscription._meta.concrete_fields)
    held = {name: getattr(subscription, name) for name in fields}
    return held | {"tags": list(subscription.tags.values_list("slug", flat=True))}


def deliveries_data(user: User) -> list[Any]:
    """Every delivery, planned ones too, with what the person made of it."""
    return list(Delivery.objects.of_user(user).order_by("id").values(*_DELIVERY))


def consent_data(user: User) -> list[Any]:
    """What was agreed to and taken back."""
    return list(
        ConsentEvent.objects.filter(user=user).values("action", "words", "door", "created_at")
    )
