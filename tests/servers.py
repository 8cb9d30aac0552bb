"""The pytest plugin that gives a session its own PostgreSQL and Valkey.

Servers that DATABASE_URL or REDIS_URL name are used instead. pyproject.toml loads it, because a
conftest.py is read after Django's settings.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    guardian = subprocess.Popen(
        [sys.executable, "-m", "config.local.throwaway"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    early_config.add_cleanup(lambda: _let_go(guardian))
    answer = guardian.stdout.readline()
    if not answer:
        raise pytest.UsageError("The test session's servers did not start; the reason is above.")
    os.environ.update(json.loads(answer))
    return (yield)


def _let_go(guardian: subprocess.Popen[bytes]) -> None:
    guardian.stdin.close()
    guardian.stdout.close()
    guardian.wait(timeout=90)
