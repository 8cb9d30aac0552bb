import re
import shlex
import subprocess
import sys

from config.variables import VARIABLES
from tests.production.shape import (
    PATH,
    ROOT,
    copied_from_checkout,
    exec_form,
    is_ignored,
    services,
    stages,
)


def words_of(stage: int, word: str) -> list[str]:
    return [rest for name, rest in stages()[stage] if name == word]


def test_what_builds_is_not_what_runs():
    build, run = stages()

    assert build[0] == ("FROM", "python:3.11-slim-bookworm AS build")
    assert run[0] == ("FROM", "python:3.11-slim-bookworm")
    assert [rest for word, rest in run if word == "COPY" and "--from=build" not in rest] == []


def test_the_python_is_the_one_that_the_tests_run_on():
    assert words_of(1, "FROM") == [f"python:3.{sys.version_info.minor}-slim-bookworm"]


def test_packages_are_the_locked_ones_checked_by_hash():
    install = next(rest for rest in words_of(0, "RUN") if "install" in rest)
    lock = (ROOT / "requirements.txt").read_text()
    pins = re.findall(r"^[\w.-]+(?:\[.*\])?==\S+ \\$", lock, re.M)

    assert {"--require-hashes", "--only-binary=:all:", "/tmp/requirements.txt"} <= set(
        shlex.split(install)
    )
    assert len(pins) > 50
    assert lock.count("--hash=sha256:") >= len(pins)


def test_it_runs_as_nobody_in_particular_and_keeps_no_secret():
    run = stages()[1]
    users = [rest for word, rest in run if word == "USER"]
    after_user = [word for word, _ in run[run.index(("USER", users[-1])) :]]

    assert users == ["10001"]
    assert not {"RUN", "COPY"} & set(after_user)
    kept = " ".join(rest for stage in stages() for word, rest in stage if word in ("ENV", "ARG"))
    assert not [one.name for one in VARIABLES if one.name in kept]


def test_everything_that_is_copied_is_there_and_nothing_else_gets_in():
    for source, _ in copied_from_checkout():
        assert (ROOT / source).exists(), source
        assert not is_ignored(source), source
    for kept_out in (
        ".env",
        "secrets/secret_key",
        ".git/config",
        ".data/x",
        "tests/api.py",
        "docs",
    ):
        assert is_ignored(kept_out), kept_out
    assert is_ignored("config/local/run.py")
    assert is_ignored("apps/core/__pycache__/x.pyc")
    assert not is_ignored("apps/core/models.py")


def test_the_image_does_by_itself_what_compose_has_web_do():
    web = services()["web"]

    assert exec_form(words_of(1, "CMD")[0]) == web["command"]
    assert exec_form(words_of(1, "HEALTHCHECK")[0]) == web["healthcheck"]["test"][1:]


def test_the_files_that_are_copied_are_enough_and_static_files_get_hashed_names(image):
    collected = [
        path.relative_to(image / "staticfiles") for path in (image / "staticfiles").rglob("*")
    ]
    names = {path.name for path in collected}

    assert "staticfiles.json" in names
    assert any(re.fullmatch(r"swagger-ui\.[0-9a-f]{12}\.css", name) for name in names)
    assert any(re.fullmatch(r"swagger-ui\.[0-9a-f]{12}\.css\.gz", name) for name in names)


def test_nothing_of_the_workshop_is_in_the_image(image):
    assert not (image / "config/local").exists()
    assert not (image / "config/settings_test.py").exists()
    assert {path.name for path in image.iterdir()} == {
        "manage.py",
        "config",
        "apps",
        "templates",
        "starter",
        "staticfiles",
    }


def test_without_its_secrets_the_image_refuses_to_start(image):
    command = exec_form(words_of(1, "CMD")[0])

    process = subprocess.run(
        command, cwd=image, env={"PATH": PATH}, capture_output=True, text=True, timeout=180
    )

    assert process.returncode != 0
    assert "SECRET_KEY is not set." in process.stderr
