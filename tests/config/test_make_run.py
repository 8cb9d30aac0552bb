"""`make run` as its user sees it, in a copy of the checkout with a space in its path."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from config.local.bootstrap import OVERRIDE
from config.local.places import root_home
from config.local.valkey import free_port
from tests.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".*", "node_modules", "staticfiles", "__pycache__")
FIRST_CHALLENGE_WITHIN_S = 180
# Make waits for its command, which ends well, and then ends by the signal that it got itself.
INTERRUPTED = -signal.SIGINT


class Run:
    """One `make run`; what it says is read as it is said."""

    def __init__(self, checkout: Path, *words: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["make", "run", *words],
            cwd=checkout,
            # Not ours, which holds the settings of the tests.
            env={"PATH": os.environ["PATH"], OVERRIDE: sys.executable},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def wait_for(self, pattern: str, within_s: float = FIRST_CHALLENGE_WITHIN_S) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            matches = (re.fullmatch(pattern, line) for line in list(self.lines))
            match = next(filter(None, matches), None)
            assert match or self.process.poll() is None, "\n".join(self.lines)
            return match

        return until(found, within_s)

    def interrupt(self) -> int:
        """Ctrl-C in its terminal."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.end()

    def end(self) -> int:
        code = self.process.wait(60)
        self._reader.join()
        return code


@pytest.fixture
def start(checkout):
    """Starts `make run`; whatever is still running in the end is ended."""
    runs = []

    def begin(*words):
        runs.append(Run(checkout, *words))
        return runs[-1]

    yield begin
    for process in processes_of(checkout):
        process.kill()
    for run in runs:
        run.end()
        run.process.stdout.close()


@pytest.fixture
def checkout(open_folder):
    open_folder.chmod(0o755)
    place = open_folder / "a checkout"
    shutil.copytree(CHECKOUT, place, ignore=NOT_COPIED)
    yield place
    if os.geteuid() == 0:
        shutil.rmtree(root_home(place / ".data"))


def processes_of(checkout):
    """Everything that works in the checkout or on its data."""
    folders = [str(checkout)]
    if os.geteuid() == 0:
        folders.append(str(root_home(checkout / ".data")))
    return [
        process
        for process in psutil.process_iter(["cwd", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and (process.info["cwd"] or "").startswith(tuple(folders))
    ]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.faults
def test_from_nothing_to_the_first_challenge_and_never_a_second_one(checkout, start):
    port = free_port()
    site = f"http://127.0.0.1:{port}/"

    run = start(f"PORT={port}")
    first = run.wait_for(r"First challenge sent to demo@example\.org: (\S+)")

    passwords = json.loads((checkout / ".data" / "demo-accounts.json").read_text())
    greeting = [
        f"Site:      {site}",
        f"Admin:     {site}admin/   (admin@example.org / {passwords['admin@example.org']}, "
        f"curator@example.org / {passwords['curator@example.org']})",
        f"API docs:  {site}api/docs/",
        f"Mailbox:   {site}mailbox/",
    ]
    ours = [line for line in run.lines if not re.match(r"\w+ +\| |-->|    ", line)]
    assert ours == [*greeting, first[0]]
    status, page = get(port, first[1].removeprefix(site.rstrip("/")))
    assert status == 200
    assert "demo@example.org" in page

    another = start(f"PORT={free_port()}")
    assert another.end() == 2
    [sentence] = [line for line in another.lines if line.startswith("The platform")]
    assert sentence.startswith(f"The platform already runs at {site} (process ")

    assert run.interrupt() == INTERRUPTED
    assert processes_of(checkout) == []
    stops = [line for line in run.lines if line.startswith("--> Stopping")]
    assert stops == [
        f"--> Stopping {name}" for name in ("beat", "worker", "web", "valkey", "postgres")
    ]

    run = start(f"PORT={port}")
    again = run.wait_for(r"Today's challenge for demo@example\.org was already sent: (\S+)")
    assert again[1] == first[1]
    assert greeting[1] in run.lines

    # Killed without a chance to stop anything, it leaves nothing that stands in the next one's way.
    supervisor = json.loads((checkout / ".data" / "run.lock").read_text())["pid"]
    os.kill(supervisor, signal.SIGKILL)
    run = start(f"PORT={port}")
    again = run.wait_for(r"Today's challenge for demo@example\.org was already sent: (\S+)")
    assert again[1] == first[1]
    assert run.interrupt() == INTERRUPTED
    assert processes_of(checkout) == []
