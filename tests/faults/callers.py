"""Many callers of a site at once, each from an address of its own."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, TypeVar

T = TypeVar("T")
# Longer than any answer may take on a busy machine; whoever gets none fails the test.
_PATIENCE_S = 120


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    seconds: float


def call(
    port: int,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    access: str = "",
    address: str = "192.0.2.1",
) -> Answer:
    """One request on a connection of its own, by way of the proxy from this address."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
    if access:
        headers["Authorization"] = f"Bearer {access}"
    content = json.dumps(body) if body is not None else None
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    began = time.monotonic()
    connection.request(method, path, content, headers)
    response = connection.getresponse()
    raw = response.read()
    seconds = time.monotonic() - began
    connection.close()
    return Answer(response.status, json.loads(raw) if raw else None, seconds)


def at_once(works: Iterable[Callable[[], T]], *, threads: int) -> list[T]:
    """Do all of this in so many threads that begin together."""
    start = threading.Barrier(threads)
    with ThreadPoolExecutor(threads, initializer=start.wait) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]
