"""Work that a request leaves for the moment after its answer is on the wire, so that it costs the
caller no time.

For best-effort work only: a process that dies in between has lost it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog
from django.core.signals import request_finished

log = structlog.get_logger(__name__)

_waiting: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_answer", default=None)


def open_request() -> None:
    """Start collecting; called by the outermost middleware."""
    _waiting.set([])


def after_answer(work: Callable[[], None]) -> None:
    """Do `work` once the answer is out; outside a request, at once."""
    waiting = _waiting.get()
    if waiting is None:
        work()
    else:
        waiting.append(work)


def run_waiting(**kwargs: Any) -> None:
    """Do what the finished request left; a failure is logged and stops nothing else."""
    waiting = _waiting.get()
    _waiting.set(None)
    for work in waiting or ():
        try:
            work()
        except Exception:
            log.exception("after_answer_failed")


request_finished.connect(run_waiting, dispatch_uid="core.after_answer")
