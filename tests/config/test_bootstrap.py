import ast
import base64
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from config.local import bootstrap
from tests.waiting import until

SOURCE = Path(bootstrap.__file__)
LOCKS = bootstrap.TOOLS
REMOVING = "--> Removing a .venv that is unfinished, or made for another Python or folder\n"
# Pretends that something is missing, then runs the script as `python3 bootstrap.py COMMAND` would.
PRETEND = """
import importlib.util, runpy, sys
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {missing!r} else find_spec(name)
sys.version_info = {version!r} or sys.version_info
sys.argv = ["config/local/bootstrap.py", "hello"]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def wheel(folder, version):
    """A package of one module, as pip would download it, and the line that locks it."""
    path = folder / f"greeting-{version}-py3-none-any.whl"
    info = f"greeting-{version}.dist-info"
    files = {
        "greeting.py": f"WORDS = 'hello {version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},{_record_digest(text)},{len(text)}" for name, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"greeting @ {path.as_uri()} --hash=sha256:{digest}\n"


def _record_digest(text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


def make_checkout(folder):
    """A checkout in a path with a space, with a lock of one package and a command that greets."""
    root = folder / "a checkout"
    local = root / "config" / "local"
    local.mkdir(parents=True)
    shutil.copy(SOURCE, local)
    (local / "hello.py").write_text("import greeting, sys; print(greeting.WORDS, sys.prefix)\n")
    for name in LOCKS:
        (root / name).write_text("")
    (root / LOCKS[0]).write_text(wheel(folder, "1.0"))
    return root


@pytest.fixture
def checkout(tmp_path):
    return make_checkout(tmp_path)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A checkout that was set up, and what that said. Making a venv takes long, so there is one."""
    root = make_checkout(tmp_path_factory.mktemp("bootstrap"))
    return root, *run(root)


@pytest.fixture
def finished(first_run):
    return first_run[0]


@pytest.fixture
def cut_short():
    """Reads the first line of a run and kills it: what comes next is known already."""
    processes = []

    def first_line(checkout):
        processes.append(begin(checkout))
        return processes[-1].stdout.readline()

    yield first_line
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    kept.pop(bootstrap.OVERRIDE, None)
    return kept | {"PIP_NO_INDEX": "1"}


def begin(checkout, *code, python=sys.executable, **how):
    words = code or ("config/local/bootstrap.py", "hello")
    return subprocess.Popen(
        [python, *words],
        cwd=checkout,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **how,
    )


def run(checkout, *code, **how):
    process = begin(checkout, *code, **how)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err.strip()


def pretend(missing=(), version=None):
    return "-c", PRETEND.format(missing=missing, version=version)


def test_it_makes_a_venv_shows_its_steps_and_becomes_the_command(first_run):
    checkout, code, out, err = first_run

    assert (code, err) == (0, "")
    assert re.sub(r"\d+\.\d+\.\d+", "X.Y.Z", out, count=1).splitlines() == [
        "--> Making .venv with Python X.Y.Z",
        "--> Installing 1 packages",
        "    all found; unpacking",
        f"hello 1.0 {checkout}/.venv",
    ]


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_a_finished_venv_is_mended_when_the_locks_change_and_then_reused(
    finished, tmp_path, version
):
    (finished / LOCKS[1]).write_text(f"# {version}\n")
    (finished / LOCKS[0]).write_text(wheel(tmp_path, version))

    code, out, _ = run(finished)

    assert code == 0
    assert out.splitlines()[0] == "--> The locked requirements have changed"
    assert out.splitlines()[-1] == f"hello {version} {finished}/.venv"
    assert run(finished) == (0, f"hello {version} {finished}/.venv\n", "")


def test_a_package_that_is_not_the_locked_one_is_refused(first_run, tmp_path):
    checkout = tmp_path / "a checkout"
    shutil.copytree(first_run[0], checkout, symlinks=True)
    stamp = checkout / ".venv" / "finished.json"
    stamp.write_text(stamp.read_text().replace(str(first_run[0]), str(checkout)))
    line = wheel(tmp_path, "3.0")
    (checkout / LOCKS[0]).write_text(line[:-4] + ("beef" if line[-5:-1] != "beef" else "dead"))

    code, _, err = run(checkout)

    assert code == 1
    assert err == (
        "Installing the packages failed: a package is not the one that the lock file knows."
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way_it_says_so_and_the_next_run_starts_over(checkout, number, cut_short):
    process = begin(checkout)
    until((checkout / ".venv" / "bin").exists)

    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.strip() == "Stopped half-way; the next run takes it up from here."
    assert cut_short(checkout) == REMOVING


def test_a_venv_of_another_folder_is_made_again(finished, tmp_path, cut_short):
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy, symlinks=True)

    assert cut_short(copy) == REMOVING


def test_something_else_called_venv_is_left_alone(checkout):
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "diary.txt").write_text("dear diary")

    code, _, err = run(checkout)

    assert code == 1
    assert err == f"{checkout}/.venv is in the way and is not a virtual environment; move it."
    assert (checkout / ".venv" / "diary.txt").read_text() == "dear diary"


def test_two_at_once_wait_for_each_other(finished):
    folder = os.open(finished, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    process = begin(finished)
    assert process.stdout.readline() == "--> Waiting for another set-up in this folder\n"

    os.close(folder)

    out, _ = process.communicate(timeout=120)
    assert out.startswith("hello")
    assert process.returncode == 0


def test_an_old_python_is_named(checkout):
    code, _, err = run(checkout, *pretend(version=(3, 10, 9)))

    assert code == 1
    assert err == (
        f"Python 3.11 or newer is needed, and {sys.executable} is 3.10.9. "
        "Name another one: make run PYTHON=/path/to/python3.11"
    )
    assert not (checkout / ".venv").exists()


def test_the_script_parses_on_pythons_that_are_too_old():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 6))

    imported = {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_age_of_python_is_asked_before_anything_that_an_old_one_cannot_run():
    body = ast.parse(SOURCE.read_text()).body
    questions = [ast.unparse(node.test) if isinstance(node, ast.If) else "" for node in body]
    asked = questions.index("sys.version_info < (3, 11)")

    annotated = (ast.FunctionDef, ast.ClassDef, ast.AnnAssign)
    assert not any(isinstance(node, annotated) for node in body[:asked])


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_gets_the_name_of_the_package(checkout, module):
    code, _, err = run(checkout, *pretend(missing=(module,)))

    assert code == 1
    assert err == (
        "This Python cannot make virtual environments: its venv module is missing. "
        "On Debian: apt-get install python3-venv"
    )


def test_a_folder_that_cannot_be_written_is_a_sentence(checkout, open_folder):
    place = open_folder / "a checkout"
    shutil.copytree(checkout, place)
    place.chmod(0o555)
    # Root may write anywhere, so ask as somebody else, with a Python that they can reach.
    somebody = {"user": "nobody", "python": "/usr/bin/python3"}
    how = somebody if os.geteuid() == 0 else {}

    code, _, err = run(place, *pretend(version=(3, 11, 0)), **how)

    assert (code, err) == (1, f"{place}/.venv cannot be written or run (Permission denied).")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/x/.venv"),
            "The disk is full: /x/.venv cannot be written.",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/x/.venv"),
            "/x/.venv cannot be written or run (Read-only file system).",
        ),
        (
            OSError(errno.ENOENT, "No such file or directory", "/x/requirements.txt"),
            "/x/requirements.txt: No such file or directory.",
        ),
    ],
)
def test_what_the_system_refuses_is_a_sentence(error, sentence):
    assert bootstrap._sentence(error) == sentence


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full."),
        ("WARNING: NewConnectionError('<pip…>')", "the package index does not answer."),
    ],
)
def test_what_stops_pip_is_a_sentence(line, reason):
    assert bootstrap._why("Installing the packages", ["Collecting x", line]) == (
        f"Installing the packages failed: {reason}"
    )


def test_what_we_do_not_know_is_shown_as_pip_said_it():
    lines = ["Collecting x", "ERROR: Cannot install a and b", "ERROR: Help"]

    assert bootstrap._why("Installing the packages", lines) == (
        "Installing the packages failed:\nERROR: Cannot install a and b\nERROR: Help"
    )
