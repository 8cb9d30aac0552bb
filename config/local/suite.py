"""`make test`: the suite on servers of its own, whatever the environment says about others."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# What would lead the suite to somebody's data, or make it behave as this machine's site does.
NOT_FOR_TESTS = (
    # Set by importing the Celery app; pytest would take it before its own.
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "DATABASE_DIRECT_URL",
    "REDIS_URL",
    "BROKER_URL",
    "CACHE_URL",
    "EMAIL_URL",
    "DATA_DIR",
    "DEMO",
    "DEBUG",
    "SITE_URL",
    "PORT",
)

# Each has servers, and now and then a browser, of its own.
MOST_PROCESSES = 4


def own_environment(source: Mapping[str, str]) -> dict[str, str]:
    """The environment without what names other servers."""
    names = {name for base in NOT_FOR_TESTS for name in (base, f"{base}_FILE")}
    return {name: value for name, value in source.items() if name not in names}


def arguments(words: list[str]) -> list[str]:
    """Pytest's arguments: what takes less than a minute, unless another choice is made."""
    chosen = words if "-m" in words else ["-m", "not faults", *words]
    return [*_spread(words), *chosen]


def _spread(words: list[str]) -> list[str]:
    """A whole suite runs in as many processes as there are cores, some of it in one."""
    names_some = any(Path(word.partition("::")[0]).exists() for word in words)
    count = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    if names_some or count == 1:
        return []
    return ["--numprocesses", str(count), "--dist", "worksteal"]


if __name__ == "__main__":
    command = [sys.executable, "-m", "pytest", *arguments(sys.argv[1:])]
    # One seed for the hashes of text, so that every process finds the tests in the same order.
    os.execve(sys.executable, command, own_environment(os.environ) | {"PYTHONHASHSEED": "0"})
