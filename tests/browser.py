"""A real browser for tests, in a thread of its own.

Playwright keeps an event loop running in its thread, and Django refuses database calls where one
runs; so what a test does with a page is handed over to that thread.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, sync_playwright

T = TypeVar("T")
# Milliseconds; only a machine with much else to do comes near it.
PATIENCE = 120_000
# Quiet and offline but for what the test itself visits.
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """Chromium, started once; every visit is a new profile."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._start).result()

    def visit(
        self, act: Callable[[Page], T], *, width: int = 390, dark: bool = False, **context: Any
    ) -> T:
        """Run `act` with an empty page of this width and scheme; returns what it returns."""
        return self._thread.submit(self._visit, act, width, dark, context).result()

    def close(self) -> None:
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_ARGUMENTS
        )

    def _stop(self) -> None:
        self._chromium.close()
        self._playwright.stop()

    def _visit(self, act: Callable[[Page], T], width: int, dark: bool, context: Any) -> T:
        visit = self._chromium.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            **context,
        )
        visit.set_default_timeout(PATIENCE)
        try:
            return act(visit.new_page())
        finally:
            visit.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    started = Browser()
    yield started
    started.close()
