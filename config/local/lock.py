"""`make lock`: compile the lock files anew, with hashes and without a trace of this machine."""

import subprocess
import sys
from pathlib import Path

from config.local.console import step
from config.local.pins import LOCKS, TARGET

CHECKOUT = Path(__file__).resolve().parents[2]
# No index and no folder of packages: the files read the same wherever they are made.
OPTIONS = (
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--custom-compile-command",
    "make lock",
    "--quiet",
    "--python-version",
    TARGET["python_version"],
)


def main() -> int:
    """Compile each lock in turn; the later ones keep to the versions of the first."""
    for name in LOCKS:
        step(f"{name}.txt")
        words = [f"{name}.in", "--output-file", f"{name}.txt", *OPTIONS, *sys.argv[1:]]
        done = subprocess.run([sys.executable, "-m", "uv", "pip", "compile", *words], cwd=CHECKOUT)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
