"""Notifications' doorways for Celery."""

from celery import shared_task

from apps.notifications.services import plan_due


@shared_task(name="default.plan_deliveries")
def plan_deliveries() -> dict[str, int]:
    """Plan challenges for all who are due."""
    return plan_due()
