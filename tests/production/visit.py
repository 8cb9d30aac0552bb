"""Visits pages with chromium in a process of its own and prints, as JSON, which of their parts the
browser refused: `python visit.py CHROMIUM BASE SESSIONID PATH…`.
"""

import json
import sys

from playwright.sync_api import Page, sync_playwright


def main(chromium: str, base: str, session: str, paths: list[str]) -> dict[str, list[str]]:
    """What broke a policy or a script, by path."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        found = {path: visit(context.new_page(), base, path) for path in paths}
        browser.close()
    return found


def visit(page: Page, base: str, path: str) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(f"Policy or script: {error}"))
    answer = page.goto(f"{base}{path}", wait_until="networkidle")
    if answer is None or answer.status != 200:
        complaints.append(f"Policy or script: answered {answer and answer.status}")
    page.close()
    return [words for words in complaints if "Policy" in words]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])))
