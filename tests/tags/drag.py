"""Drags rows of the tag tree with chromium in a process of its own: `python drag.py CHROMIUM URL
SESSIONID MOVES`, where MOVES is JSON: [[row, onto, part of its height], …]. Prints, as JSON, what
the page said after each.
"""

import json
import sys
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright


def main(chromium: str, url: str, session: str, moves: list[list]) -> list[str]:
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto(url, wait_until="networkidle")
        said = [drag(page, *move) for move in moves]
        browser.close()
    return said


def drag(page: Page, name: str, onto: str, part: float) -> str:
    handle = row(page, name).locator(".drag-handle").bounding_box()
    target = row(page, onto).bounding_box()
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(target["x"] + 200, target["y"] + target["height"] * part, steps=10)
    with page.expect_navigation(wait_until="networkidle"):
        page.mouse.up()
    return page.locator("main, #content, body").first.inner_text()


def row(page: Page, name: str):
    link = page.get_by_role("link", name=name, exact=True)
    return page.locator("#result_list tbody tr", has=link)


if __name__ == "__main__":
    answer = main(sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
    sys.stdout.write(json.dumps(answer))
