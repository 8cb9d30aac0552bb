"""What `make run` sees to before it starts anything: folder, lock, port and secrets."""

import errno
import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local.console import LocalError


def data_folder(path: str) -> Path:
    """The data folder, made if need be and writable."""
    folder = Path(path).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_something(folder / "writable")
    except OSError as error:
        raise LocalError(
            f"The data folder {folder} cannot be written: {error.strerror}."
        ) from error
    return folder


def _write_something(path: Path) -> None:
    try:
        path.write_bytes(bytes(4096))
    finally:
        path.unlink(missing_ok=True)


def empty_folder(path: Path) -> Path:
    """An empty folder for temporary files: ours alone, unlike the machine's."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(mode=0o700)
    return path


@contextmanager
def lock_data(folder: Path, site: str) -> Iterator[None]:
    """Hold the data folder, or say who does. The lock ends with its process, however that ends."""
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise LocalError(_holder(file.read())) from error
        file.truncate(0)
        file.write(json.dumps({"site": site, "pid": os.getpid()}))
        file.flush()
        yield


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        where = f" at {holder['site']} (process {holder['pid']})"
    except (ValueError, KeyError):
        where = ""  # It has only just locked the folder.
    return f"The platform already runs{where}. Stop it there with Ctrl-C, or use it as it is."


def free_port_or_refuse(port: int) -> None:
    """Raise LocalError unless the port of loopback can be listened on."""
    way_out = "Choose another one: make run PORT=8001"
    with socket.socket() as probe:
        # As the web server does: a connection that lingers from the last run is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = (
                "is taken by another program" if taken else f"cannot be used ({error.strerror})"
            )
            raise LocalError(f"Port {port} {reason}. {way_out}") from error


def make_secret(path: Path) -> Path:
    """A file with a random secret, made once and only for our own eyes."""
    if not path.exists():
        making = path.with_name(path.name + ".new")
        making.unlink(missing_ok=True)
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        making.rename(path)
    return path
