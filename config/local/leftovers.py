"""What a killed supervisor may leave running; the next one ends it before it touches the data."""

import json
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from config.local.processes import kill_session

PATIENCE_S = 15


def write_record(path: Path, leaders: Iterable[int]) -> None:
    """Remember our children: each one's id, and when it started, for ids are used again."""
    rows = []
    for pid in leaders:
        with suppress(psutil.NoSuchProcess):
            rows.append([pid, psutil.Process(pid).create_time()])
    making = path.with_name(path.name + ".new")
    making.write_text(json.dumps(rows))
    making.rename(path)


def end_leftovers(path: Path, *, patience_s: float = PATIENCE_S) -> int:
    """End what still runs of the children on record and of their sessions; how many ran."""
    rows = json.loads(path.read_text()) if path.exists() else []
    alive = [process for pid, born in rows if (process := _same(pid, born))]
    for process in reversed(alive):
        # PostgreSQL takes SIGTERM as "when the last client has left"; SIGINT as "now, cleanly".
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, stubborn = psutil.wait_procs(alive, timeout=patience_s)
    for process in stubborn:
        process.kill()
    for pid, born in rows:
        _end_orphans(pid, born)
    path.unlink(missing_ok=True)
    return len(alive)


def _same(pid: int, born: float) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        # A container's first process may leave the dead unburied.
        is_alive = process.create_time() == born and process.status() != psutil.STATUS_ZOMBIE
        return process if is_alive else None
    return None


def _end_orphans(leader: int, born: float) -> None:
    # As long as one process of a session lives, the kernel gives its number to nobody else.
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader and process.create_time() >= born:
                kill_session(leader)
                return
