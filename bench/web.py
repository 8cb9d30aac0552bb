"""gunicorn as the site runs it, and callers who ask it as fast as it answers."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
_READY_WITHIN_S = 60


@contextmanager
def web_server(settings: str, *, processes: int) -> Iterator[int]:
    """The port of a server with these settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as figures:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"),
                *("--bind", f"127.0.0.1:{port}", "--workers", str(processes)),
                *("--log-level", "error", "config.wsgi"),
            ],
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": settings, "PROMETHEUS_MULTIPROC_DIR": figures},
            cwd=Path(__file__).resolve().parents[1],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            Caller(port, "/api/health/live/").ask()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("gunicorn did not start")


class Caller:
    """One connection that stays open, and one request that is sent over it again and again."""

    def __init__(self, port: int, path: str, access: str = "") -> None:
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: application/json"]
        lines += [f"Authorization: Bearer {access}"] if access else []
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def ask(self) -> bytes:
        """The body of the answer, which must be 200."""
        self._socket.sendall(self._request)
        head, _, body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        found = _LENGTH.search(head + b"\r\n")
        assert found, head
        parts, missing = [body], int(found[1]) - len(body)
        while missing > 0:
            part = self._socket.recv(1 << 20)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        self._socket.close()

    def _until(self, end: bytes) -> bytes:
        received = b""
        while end not in received:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError("the server closed the connection")
            received += part
        return received


def rate(port: int, path: str, *, access: str = "", callers: int, seconds: float) -> float:
    """Answers per second to so many callers at once."""
    counts = [0] * callers
    end = time.perf_counter() + seconds

    def ask_until_the_end(number: int) -> None:
        caller = Caller(port, path, access)
        while time.perf_counter() < end:
            caller.ask()
            counts[number] += 1
        caller.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=ask_until_the_end, args=[n]) for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)
