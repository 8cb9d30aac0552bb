"""Doorways for the worker; the work is in services."""

from celery import shared_task

from apps.tags import services


@shared_task(name="default.check_tree")
def check_tree() -> int:
    """Nightly: compare the tree with its parents; an alert opens on a fault. How many there are."""
    return len(services.check_tree())
