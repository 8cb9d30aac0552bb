import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from apps.core.liveness import sign

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def probe(role):
    done = subprocess.run(
        [sys.executable, "-P", "config/probe.py", role],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_whoever_has_just_signed_is_well():
    sign("worker")

    assert probe("worker") == (0, "")


def test_whoever_has_never_signed_is_not(temporary_folder):
    sign("worker")

    assert probe("beat") == (1, "beat: has not signed yet (No such file or directory)\n")


def test_whoever_signed_long_ago_is_not(temporary_folder):
    sign("beat")
    [path] = temporary_folder.iterdir()
    os.utime(path, (path.stat().st_mtime - 90,) * 2)

    code, words = probe("beat")

    assert code == 1
    assert words.startswith("beat: silent for 9")


def test_a_folder_that_cannot_be_written_does_not_stop_the_work(monkeypatch, caplog):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    sign("beat")

    assert "sign_of_life_failed" in caplog.text
