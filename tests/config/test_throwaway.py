import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from tests.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def guard(open_folder):
    """Starts a guardian whose temporary folders go into a path with a space."""
    started = []

    def begin(**variables):
        names = ("DATABASE_URL", "REDIS_URL")
        environment = {name: value for name, value in os.environ.items() if name not in names}
        process = subprocess.Popen(
            [sys.executable, "-m", "config.local.throwaway"],
            cwd=CHECKOUT,
            env=environment | {"TMPDIR": str(open_folder)} | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        return process, json.loads(process.stdout.readline())

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def descendants(process):
    return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]


def test_both_servers_run_until_the_session_lets_go_and_leave_nothing(guard, open_folder):
    guardian, variables = guard()
    psycopg2.connect(variables["DATABASE_URL"]).close()
    with redis.Redis.from_url(variables["REDIS_URL"]) as client:
        assert client.ping()
    assert open_folder in Path(variables["DATA_DIR"]).parents
    servers = descendants(guardian)

    guardian.stdin.close()

    assert guardian.wait(30) == 0
    assert not any(map(psutil.pid_exists, servers))
    assert list(open_folder.iterdir()) == []


def test_sigterm_is_a_clean_end(guard, open_folder):
    guardian, _ = guard()
    servers = descendants(guardian)

    guardian.terminate()

    assert guardian.wait(30) == 0
    assert not any(map(psutil.pid_exists, servers))
    assert list(open_folder.iterdir()) == []


def test_servers_of_a_killed_guardian_end_by_themselves(guard):
    guardian, variables = guard()
    servers = [psutil.Process(pid) for pid in descendants(guardian)]

    guardian.send_signal(signal.SIGKILL)
    guardian.wait()

    until(lambda: not any(s.is_running() and s.status() != "zombie" for s in servers))
    shutil.rmtree(Path(variables["DATA_DIR"]).parent)


def test_a_server_that_the_environment_names_is_not_started(guard):
    guardian, variables = guard(DATABASE_URL="postgresql://elsewhere/database")

    assert sorted(variables) == ["DATA_DIR", "REDIS_URL"]
    assert [psutil.Process(pid).name() for pid in descendants(guardian)] == ["valkey-server"]
