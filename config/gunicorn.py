"""How gunicorn serves the site: `gunicorn --config python:config.gunicorn config.wsgi`."""

import os
import shutil
import tempfile
from typing import Any

from config.settings import LOGGING, env

_FIGURES = "PROMETHEUS_MULTIPROC_DIR"

# Every interface: a container's network is the wall. On a bare machine give --bind.
bind = f"0.0.0.0:{env('PORT')}"
workers = env("WEB_CONCURRENCY")
# Threads, so that a caller who reads slowly does not hold a process.
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
# Its files of signs of life; a disk that stalls must not kill workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 -- gunicorn's advice
control_socket_disable = True
# Its own handlers would print lines of another shape than everything else.
logconfig_dict = LOGGING | {
    "loggers": LOGGING["loggers"] | {"gunicorn.error": {"handlers": [], "propagate": True}}
}

# Each process keeps its figures in files of its own; /metrics adds them up. Workers are not
# replaced after so many requests, because every one leaves such files behind.
if _FIGURES not in os.environ:
    os.environ[_FIGURES] = tempfile.mkdtemp(prefix="daily-challenge-metrics-")


def child_exit(server: Any, worker: Any) -> None:
    """Forget what only a living process can say."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """The figures end with the server: a restart counts from nought, as scrapers expect."""
    shutil.rmtree(os.environ[_FIGURES], ignore_errors=True)
