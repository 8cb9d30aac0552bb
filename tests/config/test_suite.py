import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.suite import arguments, own_environment

CHECKOUT = Path(__file__).resolve().parents[2]
TESTS = """
import pytest

@pytest.mark.browser
def test_browser():
    assert True

@pytest.mark.node
def test_node():
    assert True

def test_other():
    assert True
"""

KEEPING_PROMISES = """
import pytest

@pytest.mark.faults
def test_that_takes_long():
    assert True

def test_that_keeps_a_promise(show):
    show("P0   kept")

def test_other():
    assert True
"""


def pytest_in(folder, *words, plugin, **variables):
    """Runs the tests in this folder with this plugin of ours and no other."""
    alone = ["-c", os.devnull, "--rootdir", folder, "-p", plugin]
    without = [
        word for name in ("randomly", "django", "cacheprovider") for word in ("-p", f"no:{name}")
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *alone, *without, *words],
        cwd=CHECKOUT,
        env=variables,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def run(tmp_path):
    """Runs a suite of three tests with only the given programs on the machine."""

    def begin(*programs, **variables):
        (tmp_path / "test_three.py").write_text(TESTS)
        (tmp_path / "bin").mkdir()
        for name in programs:
            (tmp_path / "bin" / name).symlink_to("/bin/true")
        variables |= {"PATH": str(tmp_path / "bin")}
        return pytest_in(tmp_path, tmp_path, plugin="tests.programs", **variables)

    return begin


def test_what_lacks_its_programs_is_left_out_in_one_line_that_names_the_packages(run):
    done = run("node")

    assert done.returncode == 0
    assert "1 passed, 2 deselected" in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("Left out")] == [
        "Left out: 2 tests of browser and Node. On Debian: apt-get install chromium npm"
    ]


def test_with_all_programs_nothing_is_left_out_or_said(run):
    done = run("node", "npm", "chromium", REQUIRE_BROWSER="1")

    assert "3 passed" in done.stdout
    assert "Left out" not in done.stdout


def test_where_the_browser_is_required_a_missing_program_fails(run):
    done = run("node", "npm", REQUIRE_BROWSER="1")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "REQUIRE_BROWSER=1: apt-get install chromium" in done.stderr


def words_of(target):
    """What the Makefile says to the suite for this target."""
    makefile = (CHECKOUT / "Makefile").read_text()
    command = re.search(rf"^{target}:\n.* suite (.*)", makefile, re.MULTILINE)[1]
    return shlex.split(command.replace("$(ARGS)", ""))


def test_what_takes_long_and_every_promise_is_run_by_make_test_faults(tmp_path):
    (tmp_path / "test_three.py").write_text(KEEPING_PROMISES)
    words = ["-v", "--numprocesses", "2", *words_of("test-faults"), tmp_path]

    done = pytest_in(tmp_path, *words, plugin="tests.promises", PATH=os.environ["PATH"])

    ran = re.findall(r"PASSED \S+::(\w+)", done.stdout)
    assert sorted(ran) == ["test_that_keeps_a_promise", "test_that_takes_long"]
    assert "P0   kept" in done.stdout.splitlines()


def test_make_test_leaves_to_it_what_takes_long_alone(tmp_path):
    (tmp_path / "test_three.py").write_text(KEEPING_PROMISES)
    words = ["-v", *arguments(words_of("test"))[-2:], tmp_path]

    done = pytest_in(tmp_path, *words, plugin="tests.promises", PATH=os.environ["PATH"])

    ran = re.findall(r"::(\w+) PASSED", done.stdout)
    assert sorted(ran) == ["test_other", "test_that_keeps_a_promise"]


def test_every_campaign_prints_the_figure_of_its_promise():
    silent = [
        f"{path.name} {node.name}"
        for path in sorted((CHECKOUT / "tests" / "faults").glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if "show" not in {argument.arg for argument in node.args.args}
    ]

    assert silent == []


def test_the_suite_is_led_to_nobodys_data():
    source = {
        "PATH": "/bin",
        "DATABASE_URL": "postgresql://live/db",
        "REDIS_URL_FILE": "/run/secrets/redis",
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    assert own_environment(source) == {"PATH": "/bin"}


def test_make_test_runs_pytest_with_the_settings_of_the_tests(tmp_path):
    (tmp_path / "test_one.py").write_text(
        "def test_one(settings):\n    assert settings.SETTINGS_MODULE == 'config.settings_test'\n"
    )
    words = ["-c", "pyproject.toml", "-p", "no:cacheprovider", tmp_path / "test_one.py"]

    done = subprocess.run(
        [sys.executable, "-m", "config.local.suite", "-q", *words],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://live/db"},
        capture_output=True,
        text=True,
    )

    assert "1 passed" in done.stdout


@pytest.fixture
def cores(monkeypatch):
    """Says how many there are."""

    def have(count):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(count)))

    return have


def test_slow_tests_run_only_when_asked_for(cores):
    cores(1)

    assert arguments([]) == ["-m", "not faults"]
    assert arguments(["-k", "tree"]) == ["-m", "not faults", "-k", "tree"]
    assert arguments(["-m", "faults"]) == ["-m", "faults"]


@pytest.mark.parametrize(("count", "processes"), [(2, "2"), (64, "4")])
def test_the_whole_suite_is_spread_over_the_cores_and_some_of_it_is_not(cores, count, processes):
    cores(count)
    spread = ["--numprocesses", processes, "--dist", "worksteal"]

    assert arguments([]) == [*spread, "-m", "not faults"]
    assert arguments(["-x"]) == [*spread, "-m", "not faults", "-x"]
    faults = words_of("test-faults")
    assert arguments(faults) == [*spread, *faults]
    assert arguments(["tests/tags", "-x"]) == ["-m", "not faults", "tests/tags", "-x"]
    assert arguments(["tests/api.py::test"]) == ["-m", "not faults", "tests/api.py::test"]
