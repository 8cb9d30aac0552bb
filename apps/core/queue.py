"""Enqueue background work by task name, after commit, and never at the cost of the caller."""

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.core.after_answer import after_answer
from apps.core.breaker import Breaker

# Finding out that the broker is away takes seconds; the tick wakes whoever sleeps meanwhile.
_broker = Breaker("broker", pause_s=15.0)


def enqueue(task: str, *args: Any, **kwargs: Any) -> None:
    """Publish `task` (named `<queue>.<verb>_<noun>`) once the present transaction has committed.

    A broker that is away costs a log line, not the request: PostgreSQL is the outbox, and the tick
    finds what waits.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id")

    def publish() -> None:
        _publish(task, args, kwargs, request_id)

    # A broker that hangs must not hold up the answer of the request that enqueues.
    transaction.on_commit(lambda: after_answer(publish), robust=True)


def _publish(
    task: str, args: tuple[Any, ...], kwargs: dict[str, Any], request_id: str | None
) -> None:
    if _broker.is_open():
        return
    queue = task.partition(".")[0]
    try:
        current_app.send_task(
            task,
            args=args,
            kwargs=kwargs,
            queue=queue,
            routing_key=queue,
            headers={"request_id": request_id},
        )
    except (OperationalError, OSError) as error:
        _broker.failed(error)
    else:
        _broker.answered()
