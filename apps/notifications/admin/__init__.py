"""The admin of readers: subscriptions, deliveries, consent."""

from apps.notifications.admin import deliveries, subscriptions

__all__ = ["deliveries", "subscriptions"]
