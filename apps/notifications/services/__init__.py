"""Changes of state around subscriptions and deliveries: one module by noun."""

from apps.notifications.services.deliveries import call_off
from apps.notifications.services.erasure import erase_subscriber
from apps.notifications.services.planning import plan_due, resume_paused
from apps.notifications.services.subscriptions import (
    change_subscription,
    pause_subscription,
    resume_subscription,
    subscribe,
    unsubscribe,
)

__all__ = [
    "call_off",
    "change_subscription",
    "erase_subscriber",
    "pause_subscription",
    "plan_due",
    "resume_paused",
    "resume_subscription",
    "subscribe",
    "unsubscribe",
]
