"""The Celery app.

Its settings live in config.settings under CELERY_; its log records go through structlog.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging

from apps.core.liveness import sign

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("daily_challenge", task_cls="apps.core.task_base:BaseTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Having a receiver stops Celery from adding handlers of its own, which printed every line
    twice.
    """


@heartbeat_sent.connect
def sign_of_life(**kwargs: Any) -> None:
    """The worker serves its queue; it says so every two seconds while it has a broker."""
    sign("worker")
