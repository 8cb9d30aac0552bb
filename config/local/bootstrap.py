"""Make .venv, then hand over: `python3 config/local/bootstrap.py run`. Standard library only.

It must parse on Python 3.6, so that an old Python gets a sentence instead of a SyntaxError.
"""

import signal

ENDING = (signal.SIGINT, signal.SIGTERM)
if __name__ == "__main__":
    # First of all, so that a Ctrl-C waits until it can be answered with a sentence.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

import collections
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

if sys.version_info < (3, 11):
    # Here and not in a function: the annotations below are already too new for an old Python.
    sys.stderr.write(
        f"\nPython 3.11 or newer is needed, and {sys.executable} is "
        + ".".join(map(str, sys.version_info[:3]))
        + ". Name another one: make run PYTHON=/path/to/python3.11\n"
    )
    raise SystemExit(1)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Written when everything is installed; without it a .venv is made again.
STAMP = os.path.join(VENV, "finished.json")
UNFINISHED = os.path.join(VENV, "unfinished")
# A Python that has everything already; it is used as it is.
OVERRIDE = "DAILY_CHALLENGE_PYTHON"
RUNTIME = ("requirements.txt", "requirements-embedded.txt")
TOOLS = (*RUNTIME, "requirements-dev.txt")
NEEDS = {"run": RUNTIME}
# The locks are whole. Resolving, pip would refuse `coverage[toml]` once a newer release is out.
HASHED = ("--require-hashes", "--no-deps")
PIP = ("-m", "pip", "install", *HASHED, "--no-compile", "--disable-pip-version-check")
PIP_ENVIRONMENT = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}
REASONS = (
    ("No space left on device", "the disk is full"),
    ("Read-only file system", "the folder is read-only"),
    ("Permission denied", "this user may not write there"),
    ("DO NOT MATCH THE HASHES", "a package is not the one that the lock file knows"),
    ("NewConnectionError", "the package index does not answer"),
    ("ReadTimeoutError", "the package index does not answer"),
    ("NameResolutionError", "the package index does not answer"),
)


class RefusalError(Exception):
    """The sentence to end with."""


def main(words: list[str]) -> int:
    """Set up what the command needs and become it."""
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        python = os.environ.get(OVERRIDE) or set_up(NEEDS.get(words[0], TOOLS))
        sys.stdout.flush()
        os.chdir(ROOT)
        command = [python, "-m", "config.local." + words[0], *words[1:]]
        # Again, while the command loads; run unblocks them itself.
        if words[0] == "run":
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        os.execv(python, command)
    except RefusalError as refusal:
        return _end(str(refusal), 1)
    except KeyboardInterrupt:
        return _end("Stopped half-way; the next run takes it up from here.", 130)
    except OSError as error:
        return _end(_sentence(error), 1)


def _interrupted(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _end(sentence: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"\n{sentence}\n")
    return code


def _sentence(error: OSError) -> str:
    place = error.filename or ROOT
    if error.errno == errno.ENOSPC:
        return f"The disk is full: {place} cannot be written."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{place} cannot be written or run ({error.strerror})."
    return f"{place}: {error.strerror}."


def set_up(files: Sequence[str]) -> str:
    """Return the Python of a .venv that holds these locks' packages, made or mended when needed."""
    check_python()
    wanted = {name: _digest(name) for name in files}
    # The folder itself is the lock: nothing stays behind. pip inherits it, so that the lock lasts
    # as long as pip does, even when we are killed.
    folder = os.open(ROOT, os.O_RDONLY)
    os.set_inheritable(folder, True)
    try:
        _wait_for(folder)
        if not _is_finished(wanted):
            _make(files, wanted, folder)
    finally:
        os.close(folder)
    return PYTHON


def check_python() -> None:
    """Refuse a Python without venv."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise RefusalError(
            "This Python cannot make virtual environments: its venv module is missing. "
            "On Debian: apt-get install python3-venv"
        )


def _digest(name: str) -> str:
    with open(os.path.join(ROOT, name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _wait_for(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("--> Waiting for another set-up in this folder")
        fcntl.flock(folder, fcntl.LOCK_EX)


def _stamp() -> dict[str, Any]:
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp: dict[str, Any] = json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    # A .venv that was copied or moved, or whose Python was upgraded, is another one.
    return stamp if stamp.get("made_with") == _made_with() and os.access(PYTHON, os.X_OK) else {}


def _made_with() -> dict[str, str]:
    return {"python": sys.version, "at": VENV}


def _is_finished(wanted: dict[str, str]) -> bool:
    has = _stamp().get("locks", {})
    return all(has.get(name) == digest for name, digest in wanted.items())


def _make(files: Sequence[str], wanted: dict[str, str], folder: int) -> None:
    has = _stamp().get("locks", {})
    if not has:
        _make_venv(folder)
    if any(has.get(name, digest) != digest for name, digest in wanted.items()):
        _say("--> The locked requirements have changed")
        has = {}
    _touch(UNFINISHED)
    if os.path.exists(STAMP):
        os.unlink(STAMP)
    _install(files, folder)
    _finish({"made_with": _made_with(), "locks": dict(has, **wanted)})


def _make_venv(folder: int) -> None:
    _clear()
    version = ".".join(map(str, sys.version_info[:3]))
    _say(f"--> Making .venv with Python {version}")
    os.makedirs(VENV, exist_ok=True)
    _touch(UNFINISHED)
    _run([sys.executable, "-m", "venv", "--without-pip", VENV], folder, "Making .venv")
    # In a step of its own, because venv does not tell why pip could not be put in.
    _run([PYTHON, "-m", "ensurepip", "--default-pip"], folder, "Making .venv")


def _clear() -> None:
    if not os.path.lexists(VENV):
        return
    ours = map(os.path.exists, (UNFINISHED, os.path.join(VENV, "pyvenv.cfg")))
    if os.path.islink(VENV) or not os.path.isdir(VENV) or (os.listdir(VENV) and not any(ours)):
        raise RefusalError(f"{VENV} is in the way and is not a virtual environment; move it.")
    _say("--> Removing a .venv that is unfinished, or made for another Python or folder")
    # The mark goes last, so that this too may be interrupted.
    _touch(UNFINISHED)
    for entry in os.scandir(VENV):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.path != UNFINISHED:
            os.unlink(entry.path)


def _install(files: Sequence[str], folder: int) -> None:
    count = len({pin for name in files for pin in _pins(name)})
    _say(f"--> Installing {count} packages")
    command = [PYTHON, *PIP]
    for name in files:
        command += ["-r", os.path.join(ROOT, name)]
    _run(command, folder, "Installing the packages", _Progress(count))


def _pins(name: str) -> list[str]:
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return re.findall(r"^([\w.-]+)(?:\[.*\])?(?:==| @ )", file.read(), re.MULTILINE)


class _Progress:
    """Says how far pip is, now and then."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0

    def __call__(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.seen += 1
            if self.seen % 20 == 0:
                _say(f"    {self.seen} of {self.count} found")
        elif line.startswith("Installing collected packages"):
            _say("    all found; unpacking")


def _run(
    command: Sequence[str],
    folder: int,
    what: str,
    watch: Callable[[str], None] | None = None,
) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[folder],
        env=dict(os.environ, **PIP_ENVIRONMENT),
    )
    try:
        last = _follow(process, watch)
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if code:
        raise RefusalError(_why(what, last))


def _follow(process: Any, watch: Callable[[str], None] | None) -> list[str]:
    last = collections.deque(maxlen=200)  # type: collections.deque[str]
    for line in process.stdout:
        text = line.decode("utf-8", "replace").rstrip()
        last.append(text)
        if watch:
            watch(text)
    return list(last)


def _why(what: str, lines: list[str]) -> str:
    text = "\n".join(lines)
    for words, reason in REASONS:
        if words in text:
            return f"{what} failed: {reason}."
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
    return "\n".join([f"{what} failed:", *errors])


def _touch(path: str) -> None:
    with open(path, "a", encoding="utf-8"):
        pass


def _finish(stamp: dict[str, Any]) -> None:
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
    os.rename(STAMP + ".new", STAMP)
    os.unlink(UNFINISHED)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
