"""The tools and the generated types of clients/typescript."""

import shutil
import subprocess
from hashlib import blake2b
from pathlib import Path

from config.local.console import LocalError, say, step

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "typescript"
LOCK = CLIENT / "package-lock.json"
# Holds the hash of the lock file that was installed.
_STAMP = CLIENT / "node_modules" / ".installed"
_NPM_WITHIN_S = 600


def install() -> None:
    """What the lock file names, unless it is there already. LocalError when npm cannot."""
    wanted = blake2b(LOCK.read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    step("Installing the tools of clients/typescript")
    npm("ci")
    _STAMP.write_text(wanted)


def npm(*words: str) -> None:
    """Run npm in the client's folder; LocalError with what it said when it fails."""
    done = subprocess.run(
        ["npm", *words],  # noqa: S607 -- wherever this machine has it
        cwd=CLIENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_NPM_WITHIN_S,
    )
    if done.returncode:
        raise LocalError(f"npm {' '.join(words)} failed:\n{done.stdout}")


def write_types() -> None:
    """Generate the types from docs/openapi.yaml, where this machine has npm."""
    if shutil.which("npm") is None:
        say("Left out for want of npm: the types of clients/typescript. A test compares them.")
        return
    install()
    step("Types of clients/typescript")
    npm("run", "generate")
