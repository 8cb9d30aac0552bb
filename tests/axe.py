"""axe-core's findings on a page, where `npm install --no-save axe-core` has put it."""

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

_SCRIPT = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"


@cache
def script() -> str:
    """The text of axe-core; skips the test where it is not installed."""
    if not _SCRIPT.exists():
        pytest.skip("axe-core is not installed: npm install --no-save axe-core")
    return _SCRIPT.read_text()


def serious_findings(page: Page, source: str) -> list[str]:
    """What hinders people seriously or worse: rule, element and why."""
    page.evaluate(source)
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in report["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
