"""System checks: settings that would break a promise refuse to start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.core.task_base import BaseTask


@register()
def check_retries_end_before_redelivery(**kwargs: Any) -> list[CheckMessage]:
    """A countdown beyond the visibility timeout runs twice; ours must stay far below it."""
    visible_s = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if BaseTask.retry_backoff_max * 4 > visible_s:
        return [
            Error(
                "Retries of tasks wait too long for the broker's visibility timeout.",
                hint="Raise visibility_timeout to at least four times BaseTask.retry_backoff_max.",
                id="core.E001",
            )
        ]
    return []
