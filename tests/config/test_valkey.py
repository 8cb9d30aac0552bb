import stat
import subprocess

import pytest
import redis

from config.local.processes import stop
from config.local.valkey import Valkey
from tests.waiting import until


@pytest.fixture
def start():
    """Starts a server and waits for its answer; all are stopped in the end."""
    running = []

    def begin(server):
        server.prepare()
        running.append((server, server.start(subprocess.DEVNULL)))
        until(server.is_ready)
        return redis.Redis.from_url(server.url)

    yield begin
    for server, process in running:
        stop(process, server.stop_signal, within_s=30)


def test_it_runs_in_a_path_with_a_space_and_keeps_what_it_was_told(tmp_path, start):
    folder = tmp_path / "with a space" / "valkey"
    first = Valkey(folder)
    with start(first) as client:
        client.set("key", "value")
        client.shutdown(save=True)
    until(lambda: not first.is_ready())

    with start(Valkey(folder)) as client:
        assert client.get("key") == b"value"


def test_nobody_enters_without_the_password_of_this_run(tmp_path, start):
    server = Valkey(tmp_path)
    start(server).close()

    with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert stat.S_IMODE((tmp_path / "valkey.conf").stat().st_mode) == 0o600


def test_a_broker_that_is_full_refuses_instead_of_forgetting(tmp_path, start):
    with start(Valkey(tmp_path)) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
