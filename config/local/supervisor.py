"""Runs a few programs together: started in order, each when the one before is ready; restarted
when they crash; stopped in the opposite order, leaving no process behind.

It is one thread around one `select`: it reads what the children say; signals wake it by a socket.
"""

import os
import selectors
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from config.local.children import Child, Output, Program, under_name
from config.local.console import LocalError, say
from config.local.leftovers import write_record
from config.local.processes import kill_session

HEALTHY_S = 60
FIRST_PAUSE_S = 0.5
TRIES_TO_START = 3
POLL_S = 0.1
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """Somebody asked us to end."""


class Supervisor:
    """A context manager: whatever happens inside, every child has ended when it is left."""

    def __init__(
        self,
        *,
        record: Path | None = None,
        first_pause_s: float = FIRST_PAUSE_S,
        healthy_s: float = HEALTHY_S,
    ) -> None:
        self.children: list[Child] = []
        self.record = record
        self.first_pause_s = first_pause_s
        self.healthy_s = healthy_s
        self._selector = selectors.DefaultSelector()
        self._requests = 0
        self._is_stopping = False

    def __enter__(self) -> Self:
        self._wake_reader, self._wake_writer = socket.socketpair()
        for end in (self._wake_reader, self._wake_writer):
            end.setblocking(False)
        self._old_wakeup = signal.set_wakeup_fd(self._wake_writer.fileno())
        self._old = {number: signal.signal(number, self._asked) for number in ENDING}
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._down()
        finally:
            for number, handler in self._old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(self._old_wakeup)
            self._selector.close()
            self._wake_reader.close()
            self._wake_writer.close()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self._requests += 1

    def start(self, *programs: Program) -> None:
        """Start programs and return when all are ready; LocalError when one does not get there."""
        for child in [self._launch(Child(program)) for program in programs]:
            self._wait_until_ready(child)

    def _wait_until_ready(self, child: Child) -> None:
        deadline = child.started_at + child.program.ready_within_s
        while not child.is_ready():
            if child.failures >= TRIES_TO_START or time.monotonic() > deadline:
                raise LocalError(f"{child.program.name} did not start; what it said is above.")
            self._turn(POLL_S)

    def begin(self, program: Program) -> Child:
        """Start a program that ends by itself; `finish` waits for that."""
        return self._launch(Child(program, is_step=True))

    def finish(self, child: Child) -> list[str]:
        """Wait for the end; the lines it said, if it is quiet. LocalError when it failed."""
        while child.process is not None:
            self._turn(None)
        self.children.remove(child)
        kept = child.output.kept if child.output else []
        if child.exit_code != 0:
            for line in under_name(child.program, kept):
                self._say(line)
            raise LocalError(f"{child.program.name} failed; what it said is above.")
        return kept

    def run(self, program: Program) -> list[str]:
        """Run a program from its start to its end."""
        return self.finish(self.begin(program))

    def _launch(self, child: Child) -> Child:
        self.children.append(child)
        self._spawn(child)
        return child

    def watch(self) -> None:
        """Keep everything running until somebody asks us to end."""
        with suppress(StoppedError):
            while True:
                self._turn(self._until_restart())

    def _until_restart(self) -> float | None:
        due = [child.restart_at for child in self.children if child.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _turn(self, timeout_s: float | None) -> None:
        for key, _ in self._selector.select(timeout_s):
            if isinstance(key.data, Output):
                self._read(key.data)
            else:
                with suppress(BlockingIOError):
                    self._wake_reader.recv(4096)
        for child in self.children:
            self._tend(child)
        if self._requests and not self._is_stopping:
            raise StoppedError

    def _read(self, output: Output) -> None:
        for line in output.lines():
            self._say(line)
        if output.is_closed:
            self._selector.unregister(output.reader)
            os.close(output.reader)

    def _say(self, line: str) -> None:
        try:
            say(line)
        except OSError:
            # Nobody reads us any more (`make run | head`): end, and keep quiet about it.
            self._requests += 1
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.close(quiet)

    def _tend(self, child: Child) -> None:
        if child.process is None:
            if not child.is_step and not self._is_stopping and time.monotonic() >= child.restart_at:
                self._spawn(child)
        elif child.process.poll() is not None:
            self._bury(child)

    def _spawn(self, child: Child) -> None:
        output = child.spawn()
        self._selector.register(output.reader, selectors.EVENT_READ, output)
        self._write_record()

    def _bury(self, child: Child) -> None:
        kill_session(child.pid)
        if child.output and not child.output.is_closed:
            self._read(child.output)
        words = child.bury(first_pause_s=self.first_pause_s, healthy_s=self.healthy_s)
        self._write_record()
        if not self._is_stopping and not child.is_step:
            self._say(f"{child.program.name} {words}")

    def _write_record(self) -> None:
        if self.record:
            # It helps after a kill; a full disk must not end what runs well without it.
            with suppress(OSError):
                write_record(self.record, [c.process.pid for c in self.children if c.process])

    def _down(self) -> None:
        self._is_stopping = True
        asked_before = self._requests
        for child in reversed(self.children):
            if child.process is not None:
                self._say(f"--> Stopping {child.program.name}")
                self._stop(child, asked_before)
        self.children.clear()
        self._write_record()

    def _stop(self, child: Child, asked_before: int) -> None:
        for number, within_s in (*child.program.stops, (signal.SIGKILL, 10.0)):
            if child.process is None:
                return
            # Asked a second time, we leave out the patience, not the order.
            patience_s = within_s if self._requests == asked_before else min(within_s, 0.5)
            with suppress(ProcessLookupError):
                child.process.send_signal(number)
            self._wait_for_end(child, patience_s)

    def _wait_for_end(self, child: Child, within_s: float) -> None:
        asked_before = self._requests
        deadline = time.monotonic() + within_s
        while child.process is not None and time.monotonic() < deadline:
            self._turn(deadline - time.monotonic())
            if self._requests != asked_before:
                return
