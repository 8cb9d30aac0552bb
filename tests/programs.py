"""The pytest plugin that leaves out, in one line, the tests whose programs pip cannot install.

With REQUIRE_BROWSER=1 a missing program is an error instead.
"""

import os
import shutil

import pytest

# The mark, the programs that its tests run, and the Debian package of each.
PROGRAMS = {"browser": {"chromium": "chromium"}, "node": {"node": "nodejs", "npm": "npm"}}
_LEFT_OUT = pytest.StashKey[int]()


def missing_packages(mark: str) -> list[str]:
    """The Debian packages that the tests with this mark lack."""
    return [package for name, package in PROGRAMS[mark].items() if not shutil.which(name)]


def pytest_configure(config: pytest.Config) -> None:
    for mark, programs in PROGRAMS.items():
        config.addinivalue_line("markers", f"{mark}: needs {' and '.join(programs)}")
    missing = [package for mark in PROGRAMS for package in missing_packages(mark)]
    if missing and os.environ.get("REQUIRE_BROWSER") == "1":
        raise pytest.UsageError(f"REQUIRE_BROWSER=1: apt-get install {' '.join(missing)}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = {mark for mark in PROGRAMS if missing_packages(mark)}
    left_out = [item for item in items if any(map(item.get_closest_marker, lacking))]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    config.stash[_LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    count = terminalreporter.config.stash.get(_LEFT_OUT, 0)
    if count:
        missing = [package for mark in PROGRAMS for package in missing_packages(mark)]
        terminalreporter.write_line(
            f"Left out: {count} tests of browser and Node. On Debian: "
            f"apt-get install {' '.join(missing)}"
        )
