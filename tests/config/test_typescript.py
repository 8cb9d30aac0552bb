"""When the tools of the TypeScript client are installed, and what is said without npm."""

import pytest

from config.local import typescript
from config.local.console import LocalError


@pytest.fixture
def client(monkeypatch, tmp_path):
    """A client's folder, and what npm was asked to do there."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package-lock.json").write_text("{}")
    asked = []
    monkeypatch.setattr(typescript, "LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(typescript, "_STAMP", tmp_path / "node_modules" / ".installed")
    monkeypatch.setattr(typescript, "npm", lambda *words: asked.append(" ".join(words)))
    return tmp_path, asked


def test_the_tools_are_installed_once_per_lock_file(client):
    folder, asked = client

    typescript.install()
    typescript.install()
    (folder / "package-lock.json").write_text('{"changed": 1}')
    typescript.install()

    assert asked == ["ci", "ci"]


def test_types_are_generated_where_npm_is(client, monkeypatch):
    _, asked = client
    monkeypatch.setattr(typescript.shutil, "which", lambda name: f"/usr/bin/{name}")

    typescript.write_types()

    assert asked == ["ci", "run generate"]


def test_without_npm_the_schema_is_written_all_the_same(client, monkeypatch, capsys):
    _, asked = client
    monkeypatch.setattr(typescript.shutil, "which", lambda name: None)

    typescript.write_types()

    assert asked == []
    assert capsys.readouterr().out == (
        "Left out for want of npm: the types of clients/typescript. A test compares them.\n"
    )


def test_what_npm_could_not_do_is_told_in_its_own_words(monkeypatch, tmp_path):
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho no such script\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(typescript, "CLIENT", tmp_path)

    with pytest.raises(LocalError, match=r"npm run nothing failed:\nno such script"):
        typescript.npm("run", "nothing")
