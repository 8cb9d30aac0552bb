"""The pytest plugin that gives a session its own PostgreSQL and Valkey.

Where pytest-xdist runs a session in several processes each has its own, so that they share nothing.
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
    if _only_hands_out_tests(early_config):
        return (yield from _without_new_names())
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


def _without_new_names() -> Iterator[None]:
    """The others inherit this environment, and the settings say that there are no servers."""
    before = set(os.environ)
    result = yield
    for name in {"DATABASE_URL", "REDIS_URL"} - before:
        del os.environ[name]
    return result


def _only_hands_out_tests(config: pytest.Config) -> bool:
    """Whether other processes, of pytest-xdist, run the tests of this one."""
    is_one_of_them = "PYTEST_XDIST_WORKER" in os.environ
    return bool(config.known_args_namespace.numprocesses) and not is_one_of_them


def _let_go(guardian: subprocess.Popen[bytes]) -> None:
    guardian.stdin.close()
    guardian.stdout.close()
    guardian.wait(timeout=90)
