"""The base class of all background tasks: one log line for start, end, retry and failure; an alert
when it gives up.
"""

import time
from typing import Any

import structlog
from celery import Task

from apps.core.errors import TransientError
from apps.core.services import raise_alert

log = structlog.get_logger("celery.task")


class BaseTask(Task):
    """Retries on TransientError only, with exponential backoff and jitter: at most 5 times, at most
    300 s apart.

    Deliveries and mails never use this retry: their rows carry their own not_before.
    """

    abstract = True
    autoretry_for = (TransientError,)
    max_retries = 5
    retry_backoff = 5
    retry_backoff_max = 300
    retry_jitter = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(**self._context()):
            log.debug("task_started")
            result = super().__call__(*args, **kwargs)
            log.info(
                "task_finished", duration_s=round(time.monotonic() - started, 3), result=result
            )
        return result

    def on_retry(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        with structlog.contextvars.bound_contextvars(**self._context()):
            log.warning("task_retried", error=str(exc), retries=self.request.retries)

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        with structlog.contextvars.bound_contextvars(**self._context()):
            log.error("task_failed", error=repr(exc), traceback=str(einfo))
            raise_alert(
                "task_failed", key=self.name, detail={"task_id": task_id, "error": repr(exc)[:500]}
            )

    def _context(self) -> dict[str, Any]:
        headers = self.request.headers or {}
        return {
            "task": self.name,
            "task_id": self.request.id,
            "queue": (self.request.delivery_info or {}).get("routing_key"),
            "request_id": headers.get("request_id"),
        }
