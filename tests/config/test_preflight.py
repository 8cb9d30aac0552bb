import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.console import LocalError
from config.local.preflight import (
    data_folder,
    empty_folder,
    free_port_or_refuse,
    lock_data,
    make_secret,
)
from config.local.valkey import free_port

CHECKOUT = Path(__file__).resolve().parents[2]


def test_the_data_folder_is_made_for_our_own_eyes(tmp_path):
    folder = data_folder(str(tmp_path / "deep" / "data"))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LocalError) as error:
        data_folder(str(tmp_path / "file" / "data"))

    assert str(error.value) == (
        f"The data folder {tmp_path}/file/data cannot be written: Not a directory."
    )


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    # /dev/full answers every write as a full disk does.
    (tmp_path / "writable").symlink_to("/dev/full")

    with pytest.raises(LocalError, match="cannot be written: No space left on device"):
        data_folder(str(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_the_second_one_is_told_who_holds_the_folder(tmp_path):
    with (
        lock_data(tmp_path, "http://127.0.0.1:8000/"),
        pytest.raises(LocalError) as error,
        lock_data(tmp_path, "http://127.0.0.1:8001/"),
    ):
        pass

    assert str(error.value) == (
        f"The platform already runs at http://127.0.0.1:8000/ (process {os.getpid()}). "
        "Stop it there with Ctrl-C, or use it as it is."
    )


def test_one_that_has_only_just_begun_is_found_too(tmp_path):
    code = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX)"
    code += "; print('locked', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "run.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        holder.stdout.readline()
        with pytest.raises(LocalError) as error, lock_data(tmp_path, "http://127.0.0.1:8001/"):
            pass

    assert str(error.value) == (
        "The platform already runs. Stop it there with Ctrl-C, or use it as it is."
    )


def test_the_lock_ends_with_its_holder(tmp_path):
    with lock_data(tmp_path, "http://127.0.0.1:8000/"):
        pass

    with lock_data(tmp_path, "http://127.0.0.1:8001/"):
        assert "8001" in (tmp_path / "run.lock").read_text()


def test_a_taken_port_names_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(LocalError) as error:
            free_port_or_refuse(port)

    assert str(error.value) == (
        f"Port {port} is taken by another program. Choose another one: make run PORT=8001"
    )


def test_a_free_port_stays_free():
    port = free_port()

    free_port_or_refuse(port)

    with socket.socket() as ours:
        ours.bind(("127.0.0.1", port))
        assert ours.getsockname()[1] == port


def test_temporary_files_of_the_last_run_are_gone(tmp_path):
    folder = empty_folder(tmp_path / "tmp")
    (folder / "old").mkdir()

    empty_folder(folder)

    assert list(folder.iterdir()) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_secrets_are_random_made_once_and_for_our_own_eyes(tmp_path):
    one, other = make_secret(tmp_path / "one"), make_secret(tmp_path / "other")
    kept = one.read_text()

    assert make_secret(tmp_path / "one").read_text() == kept
    assert kept != other.read_text()
    assert len(kept) >= 50
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_a_port_that_is_none_is_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "config.local.run"],
        cwd=CHECKOUT,
        env=os.environ | {"PORT": "eighty", "DATA_DIR": str(tmp_path), "READ_DOT_ENV": "0"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.strip() == ("PORT must be a whole number from 1 to 65535, not 'eighty'.")
