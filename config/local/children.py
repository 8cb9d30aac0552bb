"""One child of the supervisor: what it is, what it says, how it stands."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_PAUSE_S = 30.0
CHUNK = 65536
# Stop reading one talkative child now and then, to hear the others.
CHUNKS_AT_ONCE = 16
NAME_WIDTH = 8


@dataclass(frozen=True)
class Program:
    """Something to run.

    `start` gets the descriptor that its output goes to. Ready is when `is_ready` says so and, if
    there are `ready_words`, when a line of the output has matched them. `stops` are signals, each
    with the seconds it is given. What a quiet one says is kept, and shown only if it fails; lines
    that match `noise` are left out.
    """

    name: str
    start: Callable[[int], "subprocess.Popen[bytes]"]
    is_ready: Callable[[], bool] = lambda: True
    ready_words: str = ""
    ready_within_s: float = 120.0
    stops: tuple[tuple[int, float], ...] = ((signal.SIGTERM, 10.0),)
    is_quiet: bool = False
    noise: str = ""
    shows_name: bool = True


class Output:
    """The reading end of a child's output."""

    def __init__(self, program: Program, reader: int) -> None:
        self.program = program
        self.reader = reader
        self.is_closed = False
        self.has_said_ready = not program.ready_words
        self.kept: list[str] = []
        self._rest = b""
        os.set_blocking(reader, False)

    def lines(self) -> list[str]:
        """What was said since the last time, a line each under the program's name."""
        for _ in range(CHUNKS_AT_ONCE):
            try:
                chunk = os.read(self.reader, CHUNK)
            except BlockingIOError:
                break
            self._rest += chunk
            if not chunk:
                self.is_closed = True
                break
        return self._take()

    def _take(self) -> list[str]:
        *whole, self._rest = self._rest.split(b"\n")
        if self.is_closed and self._rest:
            whole.append(self._rest)
        lines = [line.decode(errors="replace").rstrip() for line in whole]
        if not self.has_said_ready:
            self.has_said_ready = any(re.search(self.program.ready_words, line) for line in lines)
        if self.program.is_quiet:
            self.kept += lines
            return []
        return under_name(self.program, lines)


def under_name(program: Program, lines: list[str]) -> list[str]:
    """The lines as they are shown: without noise, after the program's name."""
    heard = [line for line in lines if not (program.noise and re.search(program.noise, line))]
    name = f"{program.name:<{NAME_WIDTH}} | " if program.shows_name else ""
    return [name + line for line in heard]


@dataclass
class Child:
    """A program and its present process, if it has one."""

    program: Program
    is_step: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    output: Output | None = None
    pid: int = 0
    exit_code: int | None = None
    failures: int = 0
    restart_at: float = 0.0
    started_at: float = field(default=0.0)

    def spawn(self) -> Output:
        """Start the process; what it says can be read from the returned output."""
        reader, writer = os.pipe()
        try:
            self.process = self.program.start(writer)
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self.pid = self.process.pid
        self.started_at = time.monotonic()
        self.output = Output(self.program, reader)
        return self.output

    def is_ready(self) -> bool:
        """Whether the next program may start."""
        heard = self.output is not None and self.output.has_said_ready
        return self.process is not None and heard and self.program.is_ready()

    def bury(self, *, first_pause_s: float, healthy_s: float) -> str:
        """Take note of the end of the process; how it ended and when the next one starts, in words.

        The pause doubles from crash to crash, until one process has run for `healthy_s`.
        """
        now = time.monotonic()
        if self.process is None:
            raise RuntimeError(f"{self.program.name} has no process to bury")
        self.exit_code = self.process.returncode
        self.process = None
        self.failures = 1 if now - self.started_at >= healthy_s else self.failures + 1
        pause_s = min(LONGEST_PAUSE_S, first_pause_s * 2 ** (self.failures - 1))
        self.restart_at = now + pause_s
        return f"ended with {ending(self.exit_code)}; it starts again in {pause_s:g} s"


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
