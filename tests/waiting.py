"""Waiting for something to come true, with a deadline and no fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], within_s: float = 60) -> T:
    """Poll until the condition gives something true, and return that."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not true within {within_s} s"
        time.sleep(0.02)
    return found
