"""The one lock under which the tree is written: transaction, lock, read, write, in that order.

django-mptt numbers nodes from what it read earlier, so two unordered writers, or one that read
before it had the lock, corrupt the tree without an error. Everything in tags.models that writes it
refuses to do so outside `tree_lock`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg2.errors import LockNotAvailable

from apps.core.errors import ConflictError

# Any number, as long as nobody else uses it: the ASCII codes of "tags".
_LOCK_KEY = 0x74616773


class _Held(threading.local):
    """How many times this thread, and so this connection, is inside the lock."""

    depth = 0


_held = _Held()


class TreeWriteError(RuntimeError):
    """Code tried to write the tree past the lock: a mistake of ours, not of a caller."""


@contextmanager
def tree_lock() -> Iterator[None]:
    """Open a transaction and wait until nobody else writes the tree; nests.

    Read every node after entering, not before. Who also locks rows takes this lock first; that
    order keeps deadlocks away. The lock ends with the outermost transaction. ConflictError
    `tree_busy` when it is not to be had within the database's lock_timeout.
    """
    with transaction.atomic():
        _wait_for_lock()
        _held.depth += 1
        try:
            yield
        finally:
            _held.depth -= 1


def require_lock(action: str) -> None:
    """Refuse to go on outside `tree_lock`."""
    if not _held.depth:
        raise TreeWriteError(f"{action} outside tree_lock() would corrupt the tree.")


def _wait_for_lock() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise ConflictError(
            "The tag tree is being changed by somebody else. Try again in a moment.",
            code="tree_busy",
        ) from error
