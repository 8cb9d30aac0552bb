"""Listens to the bank."""

from typing import Any

from apps.accounts.events import user_erased
from apps.accounts.models import User
from apps.core.services import raise_alert
from apps.notifications.events import supply_low
from apps.notifications.models import Delivery
from apps.notifications.services import call_off, erase_subscriber
from apps.problems.events import problem_archived


def connect() -> None:
    """Connect all receivers; called once, from AppConfig.ready."""
    problem_archived.connect(call_off_archived, dispatch_uid="notifications.call_off_archived")
    user_erased.connect(part_from_erased, dispatch_uid="notifications.part_from_erased")
    supply_low.connect(alert_supply_low, dispatch_uid="notifications.alert_supply_low")


def call_off_archived(sender: Any, problem_id: int, **kwargs: Any) -> None:
    """Challenges with an archived problem are called off and planned anew; sent ones keep their
    solutions.
    """
    challenges = Delivery.objects.challenges().filter(problem_id=problem_id)
    call_off(challenges, code="problem_archived", replan=True)


def part_from_erased(sender: Any, user: User, **kwargs: Any) -> None:
    """Whoever is erased gets nothing more, and what was sent hangs on nobody."""
    erase_subscriber(user=user)


def alert_supply_low(sender: Any, subscription_ids: list[int], **kwargs: Any) -> None:
    """One open alert while anybody starves; `detail` counts those of the latest batch."""
    raise_alert("supply_low", detail={"starved_subscriptions": len(subscription_ids)})
