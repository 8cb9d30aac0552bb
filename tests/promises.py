"""Tests that keep a promise: they print the figure it was kept with, listed when the session ends,
and are marked `promise`, so that `make test-faults` runs all of them.
"""

from collections.abc import Callable

import pytest

KEPT = "promise"


@pytest.fixture
def show(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes the figure that a promise was kept with."""
    # A property of the test travels with its report, also out of a process of pytest-xdist.
    return lambda figure: request.node.user_properties.append((KEPT, figure))


# Before pytest chooses by marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if show.__name__ in getattr(item, "fixturenames", ()):
            item.add_marker(KEPT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed")
    figures = {
        value for report in reports for name, value in report.user_properties if name == KEPT
    }
    if figures:
        terminalreporter.section("promises")
    for figure in sorted(figures):
        terminalreporter.write_line(figure)
