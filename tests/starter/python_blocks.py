"""How the tests run a Python block: a process of its own in a folder of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

CELL = Path(__file__).with_name("cell.py")
# The limit is cell.py's, on processor time, which a busy machine does not use up. This one is for
# a block that waits for ever.
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a block ended: its exit status (negative: the signal) and what it wrote."""

    status: int
    output: str


def run_block(code: str) -> Verdict:
    with TemporaryDirectory() as folder:
        Path(folder, "block.py").write_text(code)
        done = subprocess.run(
            [sys.executable, "-I", "-W", "error", CELL, "block.py"],
            cwd=folder,
            # Two arenas instead of eight a core, each of which reserves 64 MiB of the limit.
            env={"TMPDIR": folder, "MALLOC_ARENA_MAX": "2"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_S,
        )
    return Verdict(done.returncode, done.stdout)
