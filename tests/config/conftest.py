"""Folders for the servers of these tests."""

import shutil
import tempfile
from pathlib import Path

import pytest

from config.local.places import server_account


@pytest.fixture
def open_folder():
    """A folder with a space in its path that PostgreSQL's user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="dc ", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def account():
    return server_account()
