"""HTTP requests of which we know whether they were written, and which end when their time is over.

requests bounds each wait but not their sum, and its exceptions do not say how far a request got.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection


class Watch:
    """What became of the present request: `was_written` once a byte of it may have left."""

    def __init__(self) -> None:
        self.was_written = False
        self.is_over = False
        self._sock: socket.socket | None = None

    @contextmanager
    def for_one_request(self, seconds: float) -> Iterator[None]:
        """Cut the connection of the requests inside when the time is over."""
        self.was_written = self.is_over = False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def writing(self, sock: Any) -> None:
        """A connection is about to write."""
        self._sock = sock
        self.was_written = True
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        self.is_over = True
        if self._sock is not None:
            # Closing would not wake a thread that waits for an answer; this does.
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(HTTPAdapter):
    """Makes the connections of a requests session tell a watch what they do."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._let_watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return self._let_watch(super().proxy_manager_for(*args, **kwargs))

    def _let_watch(self, manager: Any) -> Any:
        manager.pool_classes_by_scheme = {
            "http": _pool(urllib3.HTTPConnectionPool, HTTPConnection, self._watch),
            "https": _pool(urllib3.HTTPSConnectionPool, HTTPSConnection, self._watch),
        }
        return manager


def _pool(pool: type[Any], connection: type[Any], watch: Watch) -> type[Any]:
    class WatchedConnection(connection):
        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            watch.writing(self.sock)
            super().send(data)

    class WatchedPool(pool):
        ConnectionCls = WatchedConnection

    return WatchedPool
