"""Tiny programs for the supervisor, and a platform of them: run it with a folder and "ends".

Each writes what happens to it into FOLDER/events, one line per event.
"""

import sys
from pathlib import Path

from config.local.children import Program
from config.local.processes import spawn
from config.local.supervisor import Supervisor

# Starts a grandchild, tells of its start, gets ready, and tells of the signal that ends it.
CODE = """
import os, signal, subprocess, sys, time
name, folder, patience = sys.argv[1:]
def tell(what):
    with open(os.path.join(folder, "events"), "a") as file:
        file.write(f"{name} {what}\\n")
def end(number, frame):
    tell(signal.Signals(number).name)
    if patience == "ends":
        os._exit(0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
tell("start")
print(f"hello from {name}", flush=True)
open(os.path.join(folder, name), "w").close()
while True:
    time.sleep(600)
"""


def dummy(folder: Path, name: str, *, patience: str = "ends", stop_within_s: float = 10) -> Program:
    """A program that runs until it is told to end, or with patience "stays" not even then."""
    return Program(
        name,
        lambda output: spawn(
            [sys.executable, "-c", CODE, name, folder, patience], cwd=folder, output=output
        ),
        is_ready=(folder / name).exists,
        stops=((15, stop_within_s),),
    )


def code(text: str, folder: Path, *, name: str = "code", **how: object) -> Program:
    """A program of one line of Python."""
    return Program(
        name,
        lambda output: spawn([sys.executable, "-c", text], cwd=folder, output=output),
        **how,
    )


def events(folder: Path) -> list[str]:
    path = folder / "events"
    return path.read_text().splitlines() if path.exists() else []


def main(folder: Path, patience: str) -> None:
    with Supervisor(record=folder / "children.json") as supervisor:
        for name in ("first", "second", "third"):
            supervisor.start(dummy(folder, name, patience=patience, stop_within_s=30))
        sys.stdout.write("all up\n")
        sys.stdout.flush()
        supervisor.watch()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
