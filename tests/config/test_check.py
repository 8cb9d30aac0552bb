import pytest

from config.local import check

PASSES, FAILS = ("-c", "pass"), ("-c", "raise SystemExit(3)")


@pytest.fixture(autouse=True)
def schema(monkeypatch, tmp_path):
    """A schema that is as the code says, and code that says so at once."""
    path = tmp_path / "openapi.yaml"
    path.write_text("openapi: 3.1.0\n")
    monkeypatch.setattr(check, "SCHEMA", path)
    monkeypatch.setattr(check, "write_schema", lambda made: bool(made.write_text(path.read_text())))
    return path


def test_all_checks_run_also_after_one_has_failed(monkeypatch, capsys):
    commands = (("Style", FAILS), ("Types", PASSES), ("Layers", FAILS))
    monkeypatch.setattr(check, "COMMANDS", commands)

    assert check.main() == 1

    assert capsys.readouterr().out.splitlines() == [
        "--> Style",
        "--> Types",
        "--> Layers",
        "--> Lock files",
        "",
        "Failed: Style, Layers",
    ]


def test_what_passes_ends_well(monkeypatch, capsys):
    monkeypatch.setattr(check, "COMMANDS", (("Style", PASSES),))

    assert check.main() == 0

    assert capsys.readouterr().out.splitlines()[-1] == "All checks passed."


def test_a_schema_that_nobody_wrote_anew_fails(monkeypatch, capsys):
    monkeypatch.setattr(check, "COMMANDS", ())
    monkeypatch.setattr(check, "write_schema", lambda made: bool(made.write_text("openapi: 4\n")))

    assert check.main() == 1

    assert capsys.readouterr().out.splitlines()[0] == (
        "docs/openapi.yaml is not what the code says: make schema"
    )


def test_a_schema_that_cannot_be_written_fails(monkeypatch, capsys):
    monkeypatch.setattr(check, "COMMANDS", ())
    monkeypatch.setattr(check, "write_schema", lambda made: False)

    assert check.main() == 1

    assert "Failed: API schema" in capsys.readouterr().out


def test_a_lock_that_does_not_fit_fails(monkeypatch, capsys):
    monkeypatch.setattr(check, "COMMANDS", ())
    monkeypatch.setattr(check, "faults_of_locks", lambda folder: ["requirements.txt: a fault"])

    assert check.main() == 1

    assert "requirements.txt: a fault\n\nFailed: Lock files" in capsys.readouterr().out
