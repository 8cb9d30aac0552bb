"""Servers of the campaigns' own. PostgreSQL waits for the disk here, as in production."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from config.connections import database_from_url
from config.local.places import server_account, server_programs
from config.local.postgres import Postgres
from config.local.valkey import Valkey
from tests.faults.campaign import Campaign
from tests.faults.programs import CHECKOUT, Server

TEMPLATE = "campaign_template"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    folder.chmod(0o711)
    account = server_account()
    programs = server_programs(account, folder)
    embedded = Postgres(
        folder / "data", socket_folder=folder / "socket", programs=programs, account=account
    )
    server = Server(embedded, folder / "log")
    execute(embedded.url, f"CREATE DATABASE {TEMPLATE}")
    migrate(named(embedded.url, TEMPLATE))
    yield server
    server.end()
    shutil.rmtree(folder)


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": url},
        check=True,
    )


@pytest.fixture
def database_url(
    postgres: Server, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A fresh database that this thread's Django works with."""
    name = "campaign"
    execute(postgres.server.url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    execute(postgres.server.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url = named(postgres.server.url, name)
    theirs = connections["default"]
    connections["default"] = DatabaseWrapper(theirs.settings_dict | database_from_url(url))
    with django_db_blocker.unblock():
        yield url
        connections["default"].close()
    connections["default"] = theirs


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    server = Server(Valkey(tmp_path / "valkey"), tmp_path / "valkey.log")
    yield server
    server.thaw()
    server.end()


@pytest.fixture
def begin(database_url: str, broker: Server, tmp_path: Path) -> Iterator[Callable[..., Campaign]]:
    """Begins a campaign; apps given are installed besides, settings differ from the platform's.
    With `pipelining=False` its mail server takes one command at a time.
    """
    campaigns: list[Campaign] = []

    def new(*apps: str, **overrides: Any) -> Campaign:
        campaigns.append(Campaign(tmp_path, database_url, broker, *apps, **overrides))
        return campaigns[-1]

    yield new
    for campaign in campaigns:
        campaign.end()
