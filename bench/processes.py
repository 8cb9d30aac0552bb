"""Processes that send: bare senders, and workers with beat as in production."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.models import Heartbeat
from apps.core.schedules import sync_schedules

# Looking costs time that the others want; what is measured does not depend on it.
_BETWEEN_LOOKS_S = 0.5


class Senders:
    """Some senders, ready and waiting, as a context manager."""

    def __init__(self, count: int, port: int) -> None:
        self._count = count
        self._environment = _environment(port)

    def __enter__(self) -> Self:
        self._processes = [self._start() for _ in range(self._count)]
        for process in self._processes:
            assert process.stdout.readline() == "ready\n", "a sender did not start"
        return self

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "bench.sender"],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(self, *exception: object) -> None:
        for process in self._processes:
            process.stdin.close()
            process.wait(timeout=30)
            process.stdout.close()

    def send(self) -> float:
        """Seconds until all that is due is sent and settled by all of them together."""
        began = time.perf_counter()
        for process in self._processes:
            process.stdin.write("now\n")
            process.stdin.flush()
        counts = [json.loads(process.stdout.readline()) for process in self._processes]
        seconds = time.perf_counter() - began
        assert all(count.keys() <= {"sent"} for count in counts), counts
        return seconds


@contextmanager
def platform(workers: int, port: int, log: Path) -> Iterator[None]:
    """Beat and so many workers of one process each, ready. Ticks come every second instead of
    every half minute: waiting for one is no work.
    """
    sync_schedules(settings.DEFAULT_SCHEDULES)
    second, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    for task in PeriodicTask.objects.filter(interval__every=30):
        task.interval = second
        task.save()
    Heartbeat.objects.all().delete()
    worker = ("worker", "-Q", "emails,default", "--concurrency", "1")
    beat = ("beat", "--schedule", str(log.with_suffix(".beat")))
    with log.open("ab") as output:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *words],
                env=_environment(port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for words in (
                *[(*worker, "--hostname", f"worker{n}@here") for n in range(workers)],
                beat,
            )
        ]
        try:
            wait_until(lambda: _beating() >= {"beat", "planner", "sender"}, within_s=120)
            yield
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _end(process)


def _beating() -> set[str]:
    return set(Heartbeat.objects.values_list("name", flat=True))


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(port: int) -> dict[str, str]:
    return os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}


def wait_until(condition: Callable[[], bool], *, within_s: float) -> None:
    """Look again and again until it holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(_BETWEEN_LOOKS_S)
