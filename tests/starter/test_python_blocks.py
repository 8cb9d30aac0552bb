"""Each Python block of a solution proves its claim when it is run."""

import ast
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.starter.bank import SLUGS, blocks
from tests.starter.python_blocks import CELL, Verdict, run_block

RUNNABLE = [slug for slug in SLUGS if blocks(slug, "python")]
AT_A_TIME = 2


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest) -> Iterator[dict[str, list[Future[Verdict]]]]:
    """The blocks of the chosen tests, all under way while the first is being judged."""
    chosen = {
        item.callspec.params["slug"]: None
        for item in request.session.items
        if isinstance(item, pytest.Function) and "verdicts" in item.fixturenames
    }
    pool = ThreadPoolExecutor(AT_A_TIME)
    yield {
        slug: [pool.submit(run_block, code) for code in blocks(slug, "python")] for slug in chosen
    }
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("slug", RUNNABLE)
def test_every_assertion_of_the_block_holds(
    slug: str, verdicts: dict[str, list[Future[Verdict]]]
) -> None:
    for future in verdicts[slug]:
        assert future.result() == Verdict(0, "")


@pytest.mark.parametrize("slug", RUNNABLE)
def test_the_block_asserts_something_with_the_standard_library_alone(slug: str) -> None:
    for code in blocks(slug, "python"):
        nodes = list(ast.walk(ast.parse(code)))

        assert any(isinstance(node, ast.Assert) for node in nodes)
        assert {name for node in nodes for name in _imported(node)} <= sys.stdlib_module_names


def test_thirty_problems_or_more_can_be_run() -> None:
    assert len(RUNNABLE) >= 30


def test_a_claim_that_does_not_hold_is_found() -> None:
    verdict = run_block("assert 1 + 1 == 3, 'no such sum'\n")

    assert verdict.status == 1
    assert "AssertionError: no such sum" in verdict.output


def test_a_warning_is_an_error() -> None:
    assert "UserWarning: old" in run_block("import warnings; warnings.warn('old')\n").output


def test_a_block_that_never_ends_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    short = tmp_path / "cell.py"
    short.write_text(CELL.read_text().replace("SECONDS = 10", "SECONDS = 1"))
    monkeypatch.setattr("tests.starter.python_blocks.CELL", short)

    assert run_block("while True:\n    pass\n").status in (-9, -24)


def test_a_block_does_not_get_more_memory_than_its_limit() -> None:
    assert "MemoryError" in run_block("bytearray(300 * 1024 * 1024)\n").output


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "import socket; socket.socket().bind(('127.0.0.1', 0))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import os; os.system('true')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.fork()",
        "open('../elsewhere', 'w')",
        "import os; os.open('/dev/shm/elsewhere', os.O_CREAT | os.O_WRONLY)",
    ],
)
def test_a_block_gets_neither_out_of_its_folder_nor_into_the_network(code: str) -> None:
    verdict = run_block(code + "\n")

    assert verdict.status == 1
    assert "PermissionError: a block may not " in verdict.output


def test_a_block_may_use_loops_threads_and_its_own_folder() -> None:
    verdict = run_block(
        "import asyncio, tempfile, threading\n"
        "asyncio.run(asyncio.sleep(0))\n"
        "many = [threading.Thread(target=print, args=(n,)) for n in range(50)]\n"
        "[t.start() for t in many], [t.join() for t in many]\n"
        "with tempfile.TemporaryDirectory() as d, open(d + '/note', 'w') as file:\n"
        "    file.write('kept')\n"
    )

    assert (verdict.status, len(verdict.output.split())) == (0, 50)


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return set()
