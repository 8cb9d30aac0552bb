"""Processes that a campaign starts, kills and starts again."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.request import urlopen

import psutil

from tests.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]


class EmbeddedServer(Protocol):
    """config.local's PostgreSQL or Valkey."""

    stop_signal: int
    url: str

    def prepare(self) -> None: ...
    def start(self, output: int) -> "subprocess.Popen[bytes]": ...
    def is_ready(self) -> bool: ...


class Server:
    """One embedded server that can be killed, frozen and started again."""

    def __init__(self, server: EmbeddedServer, log: Path) -> None:
        self.server = server
        self._log = log
        server.prepare()
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = self.server.start(log.fileno())
        until(self.server.is_ready, within_s=60)

    def end(self, how: int | None = None) -> None:
        """Stop it: by default cleanly."""
        self._process.send_signal(how or self.server.stop_signal)
        self._process.wait(timeout=60)

    def restart(self, how: int) -> None:
        self.end(how)
        self.start()

    def freeze(self) -> None:
        """From now on it accepts and never answers."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


class MailServer:
    """The misbehaving mail server, and what it has taken."""

    def __init__(self, journal: Path, *, pipelining: bool = True) -> None:
        journal.touch()
        self._journal = journal
        options = ["--pipelining"] if pipelining else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mail_server", str(journal), *options],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._process.stdout.readline())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def behave(self, *rules: Mapping[str, Any]) -> dict[str, int]:
        """Act by these rules from now on; none: flawlessly. Returns how often each rule up to now
        was followed, such as {"taken drop": 3}.
        """
        self._process.stdin.write(json.dumps(rules) + "\n")
        self._process.stdin.flush()
        followed: dict[str, int] = json.loads(self._process.stdout.readline())
        return followed

    def taken(self) -> list[dict[str, Any]]:
        """Every mail that was taken, in order: Message-ID, recipient and moment."""
        return [json.loads(line) for line in self._journal.read_bytes().splitlines()]

    def taken_count(self) -> int:
        return self._journal.read_bytes().count(b"\n")

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@dataclass
class Celery:
    """One `celery -A config …` process, with its children a process group of its own."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *self.arguments],
                cwd=CHECKOUT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        """Whether it, a worker, takes tasks."""
        return " ready." in self.log.read_text()

    def runs_of(self, task: str) -> list[float]:
        """How many seconds each finished run of a task took."""
        logged = [line for line in self.log.read_text().splitlines() if '"task_finished"' in line]
        lines = map(json.loads, logged)
        return [line["duration_s"] for line in lines if line["task"] == task]

    def kill(self) -> None:
        """Kill the whole group at once, as a machine does that loses power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_a_child(self) -> bool:
        """Kill one process of the pool alone, as the kernel does when memory runs out."""
        children = psutil.Process(self.process.pid).children()
        for child in children[:1]:
            child.kill()
        return bool(children)

    def end(self, within_s: float = 30) -> None:
        """End it as a supervisor does."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=within_s)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Web:
    """gunicorn with as many processes as asked for, behind one proxy that is believed."""

    process_count: int
    environment: Mapping[str, str]
    log: Path

    def start(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = ("--config", "python:config.gunicorn", "--bind", f"127.0.0.1:{self.port}")
        own = {
            "WEB_CONCURRENCY": str(self.process_count),
            "TRUSTED_PROXY_COUNT": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *command, "config.wsgi"],
                cwd=CHECKOUT,
                env=dict(self.environment) | own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self._answers, within_s=120)

    def end(self, within_s: float = 30) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _answers(self) -> bool:
        with suppress(OSError), urlopen(f"{self.url}/api/health/live/", timeout=10) as answer:
            return answer.status == 200
        return False


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
