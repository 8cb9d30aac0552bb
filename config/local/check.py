"""`make check`: everything about the code that a machine can judge without running the tests."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from config.local.console import LocalError, say, step
from config.local.pins import faults_of_locks
from config.local.suite import own_environment
from config.local.throwaway import start_servers

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = CHECKOUT / "docs" / "openapi.yaml"
# A production that is nobody's: `check --deploy` and the API schema are made under it.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "READ_DOT_ENV": "0",
    "SITE_URL": "https://challenge.example",
    "EMAIL_URL": "smtp+tls://sender:password@mail.example:587",
    "EMAIL_FROM": "challenge@challenge.example",
    "REPLY_TO": "editor@challenge.example",
    "POSTAL_ADDRESS": "1 Example Street, Exampletown",
}
COMMANDS = (
    ("Style", ("-m", "ruff", "check", ".")),
    ("Format", ("-m", "ruff", "format", "--check", ".")),
    ("Types", ("-m", "mypy", "apps", "config")),
    ("Layers", (str(Path(sys.executable).with_name("lint-imports")),)),
    ("Migrations", ("manage.py", "makemigrations", "--check", "--dry-run")),
    ("Deployment", ("manage.py", "check", "--deploy", "--fail-level", "WARNING")),
)


def main() -> int:
    """Run every check, also after one has failed; how many failed decides the exit code."""
    failed = [words for words, command in COMMANDS if not _passes(words, command)]
    failed += [] if _schema_is_current() else ["API schema"]
    failed += [] if _locks_are_current() else ["Lock files"]
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


def _passes(words: str, command: tuple[str, ...]) -> bool:
    step(words)
    return subprocess.run([sys.executable, *command], cwd=CHECKOUT).returncode == 0


def write_schema(path: Path) -> bool:
    """Write the API schema; whether it is valid and without a warning."""
    command = ("manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    return _passes("API schema", command)


def _schema_is_current() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "openapi.yaml"
        if not write_schema(made):
            return False
        if SCHEMA.exists() and made.read_bytes() == SCHEMA.read_bytes():
            return True
    say("docs/openapi.yaml is not what the code says: make schema")
    return False


def _locks_are_current() -> bool:
    step("Lock files")
    faults = faults_of_locks(CHECKOUT)
    for fault in faults:
        say(fault)
    return not faults


def with_servers(work: Callable[[], int]) -> int:
    """Do it under a production that is nobody's, with a database and a broker of its own."""
    environment = own_environment(os.environ) | PRODUCTION
    environment |= {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SIGNING_KEY")}
    os.environ.clear()
    os.environ.update(environment)
    try:
        with ExitStack() as stack:
            os.environ.update(start_servers(stack))
            return work()
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(with_servers(main))
