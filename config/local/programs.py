"""The programs of the platform itself, as `make run` starts them."""

import http.client
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

from config.local.children import Program
from config.local.processes import spawn

QUEUES = "emails,content,default"
CHALLENGE_WITHIN_S = 120
# On one's own machine it is all right to be root, and collected files are for production.
EXPECTED = "ignore:You're running the worker with superuser,ignore:No directory at"


class Platform:
    """Makes the programs; `variables` is the environment that all of them get."""

    def __init__(self, checkout: Path, variables: Mapping[str, str], port: int) -> None:
        self.checkout = checkout
        self.port = port
        self.variables = (
            {"WEB_CONCURRENCY": "1"}
            | dict(variables)
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PYTHONUNBUFFERED": "1",
                "PYTHONWARNINGS": EXPECTED,
            }
        )

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def preparations(self) -> Program:
        """What is done to the database first; it shows its own steps."""
        start = self._python("-m", "config.local.prepare")
        return Program("setup", start, shows_name=False)

    def web(self) -> Program:
        bind = f"127.0.0.1:{self.port}"
        words = ("-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi")
        start = self._python(*words, "--bind", bind, "--graceful-timeout", "10")
        return Program(
            "web", start, is_ready=partial(answers, self.port), stops=((signal.SIGTERM, 15.0),)
        )

    def worker(self) -> Program:
        words = ["-m", "celery", "--quiet", "-A", "config", "worker", "-Q", QUEUES]
        words += ["--concurrency", "2", "--loglevel", "INFO"]
        return Program(
            "worker",
            self._python(*words, "--without-gossip", "--without-mingle"),
            ready_words=r"celery@\S+ ready",
            # The warm stop lets tasks finish, the cold one puts them back.
            stops=((signal.SIGTERM, 25.0), (signal.SIGQUIT, 5.0)),
        )

    def beat(self) -> Program:
        words = ("-m", "celery", "--quiet", "-A", "config", "beat", "--loglevel", "INFO")
        return Program("beat", self._python(*words), ready_words="beat: Starting")

    def demo_challenge(self, since: datetime) -> Program:
        """Waits for the demo subscriber's challenge and prints what became of it, as JSON."""
        words = ("show_demo_challenge", "--wait", str(CHALLENGE_WITHIN_S))
        start = self._python("manage.py", *words, "--since", since.isoformat(), errors=None)
        return Program("challenge", start, is_quiet=True)

    def _python(
        self, *words: str, errors: int | None = subprocess.STDOUT
    ) -> Callable[[int], "subprocess.Popen[bytes]"]:
        return lambda output: spawn(
            [sys.executable, *words],
            cwd=self.checkout,
            env=self.variables,
            output=output,
            errors=errors,
        )


def answers(port: int) -> bool:
    """Whether the site on this port says that it is ready."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/api/health/ready/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
