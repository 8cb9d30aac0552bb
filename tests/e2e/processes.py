"""Real Celery processes against the test database, with their clock moved if a test says so."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from django.db import connection

CHECKOUT = Path(__file__).resolve().parents[2]
_CLOCK = """
import sys, time, time_machine
time_machine.travel(time.time() + float(sys.argv.pop(1)), tick=True).start()
from celery.__main__ import main
main()
"""


def environment() -> dict[str, str]:
    """What a process needs to be part of the demo installation whose data the test sees."""
    database = connection.settings_dict
    host = quote(database["HOST"])
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "READ_DOT_ENV": "0",
        "DEMO": "1",
        "SITE_URL": "http://127.0.0.1:8000",
        "EMAIL_URL": "mailbox://",
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={host}",
        "BROKER_URL": f"{os.environ['REDIS_URL']}/5",
    }


@contextmanager
def celery(*arguments: str, ahead: timedelta = timedelta(0)) -> Iterator[subprocess.Popen[bytes]]:
    """One `celery -A config …` process, `ahead` of the present; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CLOCK, str(ahead.total_seconds()), "-A", "config", *arguments],
        cwd=CHECKOUT,
        env=environment(),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], grace_s: float = 30) -> None:
    """End a process as a supervisor would, and its group whatever happens."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all its children at once, as a machine does that loses power."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
