"""Lets work that takes long notice that its worker was asked to end.

The signal reaches the worker's main process alone; its children, forked from it, see the one byte
that they share with it.
"""

import mmap
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

_shared = mmap.mmap(-1, 1)


def is_worker_stopping() -> bool:
    """Whether this process belongs to a worker that is shutting down."""
    return _shared[0] != 0


@worker_ready.connect
def _begin(**kwargs: Any) -> None:
    _shared[0] = 0


@worker_shutting_down.connect
def _end(**kwargs: Any) -> None:
    _shared[0] = 1
