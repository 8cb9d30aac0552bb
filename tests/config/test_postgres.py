import os
import signal
import stat
import subprocess

import psutil
import psycopg2
import pytest

from config.local.console import LocalError
from config.local.places import server_programs
from config.local.postgres import Postgres
from config.local.processes import stop
from config.local.supervisor import Supervisor
from tests.waiting import until


@pytest.fixture
def postgres(open_folder, account):
    return Postgres(
        open_folder / 'data of "mine"',
        socket_folder=open_folder / 'socket of "mine"',
        programs=server_programs(account, open_folder),
        account=account,
        durable=False,
    )


@pytest.fixture
def start(postgres):
    """Starts the server and waits until it lets us in; all are stopped in the end."""
    processes = []

    def begin():
        postgres.prepare()
        processes.append(postgres.start(subprocess.DEVNULL))
        until(postgres.is_ready, within_s=60)
        return processes[-1]

    yield begin
    for process in processes:
        stop(process, postgres.stop_signal, within_s=30)


def ask(postgres, sql):
    connection = psycopg2.connect(postgres.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_it_runs_in_a_path_with_spaces_and_quotes(postgres, start):
    start()

    assert ask(postgres, "SHOW server_encoding") == "UTF8"
    assert ask(postgres, "SHOW listen_addresses") == ""
    assert ask(postgres, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == (
        "C.UTF-8"
    )


def test_the_variables_of_somebodys_shell_do_not_lead_elsewhere(postgres, start, monkeypatch):
    monkeypatch.setenv("PGPORT", "5433")
    monkeypatch.setenv("PGHOST", "/nowhere")

    start()

    assert ask(postgres, "SELECT 1") == 1


def test_only_its_own_user_reaches_its_folders(postgres, start, account):
    start()

    for folder in (postgres.folder, postgres.socket_folder):
        found = folder.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == (account.uid if account else os.geteuid())


def test_the_modes_of_all_parents_stay_as_they_were(postgres, start):
    parents = [*postgres.folder.parents, *postgres.programs.parents]
    before = [(parent, parent.stat().st_mode) for parent in parents]

    start()

    assert [(parent, parent.stat().st_mode) for parent in parents] == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_for_root_it_runs_as_an_ordinary_user(start, account):
    process = start()

    uids = psutil.Process(process.pid).uids()
    assert set(uids) == {account.uid}
    assert account.uid != 0


def test_what_was_written_survives_kill_9_and_the_next_start(postgres, start, capsys):
    postgres.durable = True
    process = start()
    ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    process.kill()
    process.wait()
    assert (postgres.folder / "postmaster.pid").exists()

    # The children of the old one may hold the folder for a moment: the supervisor tries again.
    with Supervisor() as supervisor:
        supervisor.start(postgres.program())

        assert ask(postgres, "SELECT answer FROM kept") == 42


def test_a_clean_stop_leaves_no_process_and_no_lock_file(postgres, start):
    process = start()
    ours = [process.pid, *(child.pid for child in psutil.Process(process.pid).children())]

    assert stop(process, postgres.stop_signal, within_s=30)

    assert not any(map(psutil.pid_exists, ours))
    assert not (postgres.folder / "postmaster.pid").exists()
    assert not postgres.is_ready()


def test_a_data_folder_that_was_half_made_is_made_again(postgres, start):
    half = postgres.folder.with_name(postgres.folder.name + ".new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    start()

    assert ask(postgres, "SELECT 1") == 1
    assert not half.exists()


def test_a_data_folder_that_cannot_be_made_gives_a_sentence(postgres, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "initdb").write_text(
        "#!/bin/sh\necho could not write: No space left on device\nexit 1\n"
    )
    (programs / "initdb").chmod(0o755)
    postgres.programs = programs
    postgres.account = None

    with pytest.raises(LocalError) as error:
        postgres.prepare()

    assert str(error.value) == (
        "PostgreSQL could not make its data folder: could not write: No space left on device"
    )
    assert not postgres.folder.exists()


def test_it_dies_with_a_parent_that_is_killed(postgres, start, tmp_path):
    postgres.prepare()
    parent = os.fork()
    if parent == 0:
        postgres.start(subprocess.DEVNULL)
        signal.pause()
    try:
        until(postgres.is_ready, within_s=60)
    finally:
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)

    until(lambda: not postgres.is_ready())
    until(lambda: not (postgres.folder / "postmaster.pid").exists())
