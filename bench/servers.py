"""A PostgreSQL that waits for the disk, as in production, and a Valkey, for one run."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.local.places import server_account, server_programs
from config.local.postgres import Postgres
from config.local.processes import stop
from config.local.valkey import Valkey

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "READ_DOT_ENV": "0",
    "DEMO": "1",
    "SITE_URL": "http://127.0.0.1:8000",
    "LOG_FORMAT": "json",
}


@contextmanager
def own_servers() -> Iterator[None]:
    """Start both, migrate an empty database, and set Django up on them."""
    folder = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    folder.chmod(0o711)
    account = server_account()
    programs = server_programs(account, folder)
    postgres = Postgres(
        folder / "data", socket_folder=folder / "socket", programs=programs, account=account
    )
    valkey = Valkey(folder / "valkey")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        for server in (postgres, valkey):
            stack.enter_context(_running(server))
        os.environ.update(ENVIRONMENT)
        os.environ.update({"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url})
        _set_up()
        yield


@contextmanager
def _running(server: Postgres | Valkey) -> Iterator[None]:
    server.prepare()
    process = server.start(subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not server.is_ready():
            assert time.monotonic() < deadline, f"{type(server).__name__} did not start"
            time.sleep(0.05)
        yield
    finally:
        stop(process, server.stop_signal, within_s=30)


def _set_up() -> None:
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
