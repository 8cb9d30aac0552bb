"""A PostgreSQL and a Valkey for one test session, in a temporary folder.

This process guards them: it prints their URLs as one line of JSON, and when its standard input
ends, because the session ended or was killed, it stops them and removes the folder.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from config.local.console import LocalError
from config.local.places import fits_a_socket, is_open_to_all, server_account, server_programs
from config.local.postgres import Postgres
from config.local.processes import Account, stop
from config.local.valkey import Valkey

READY_WITHIN_S = 120


def main() -> int:
    """Start what the environment does not name; guard it until nobody holds our input open."""
    signal.signal(signal.SIGTERM, _end)
    try:
        with ExitStack() as stack:
            sys.stdout.write(json.dumps(start_servers(stack)) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _end(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def start_servers(stack: ExitStack) -> dict[str, str]:
    """Environment variables for the session; closing `stack` ends the servers and their folder."""
    needs_postgres = not os.environ.get("DATABASE_URL")
    account = server_account() if needs_postgres else None
    folder = stack.enter_context(_temporary_folder(account))
    environment = {"DATA_DIR": str(folder / "data")}
    if needs_postgres:
        postgres = Postgres(
            folder / "postgres",
            socket_folder=folder / "socket",
            programs=server_programs(account, folder),
            account=account,
            durable=False,
        )
        stack.enter_context(_running(postgres, folder / "postgres.log"))
        environment["DATABASE_URL"] = postgres.url
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(folder / "valkey", durable=False)
        stack.enter_context(_running(valkey, folder / "valkey.log"))
        environment["REDIS_URL"] = valkey.url
    return environment


@contextmanager
def _temporary_folder(account: Account | None) -> Iterator[Path]:
    # mkdtemp makes the folder, so nobody can have put one there for us.
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 -- see above
        folder = Path(tempfile.mkdtemp(prefix="dc-", dir=parent))
        if account:
            folder.chmod(0o711)
        if fits_a_socket(folder / "socket") and (account is None or is_open_to_all(folder)):
            break
        folder.rmdir()
    else:
        raise LocalError("No temporary folder is both short and open enough for PostgreSQL.")
    try:
        (folder / "data").mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(server: Postgres | Valkey, log: Path) -> Iterator[None]:
    server.prepare()
    with log.open("wb") as output:
        process = server.start(output.fileno())
        try:
            deadline = time.monotonic() + READY_WITHIN_S
            while not server.is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    words = log.read_text(errors="replace").strip().splitlines()[-5:]
                    raise LocalError(f"{type(server).__name__} did not start: " + " ".join(words))
                time.sleep(0.05)
            yield
        finally:
            stop(process, server.stop_signal, within_s=30)


if __name__ == "__main__":
    raise SystemExit(main())
