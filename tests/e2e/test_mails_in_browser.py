"""Mails in a real browser: nothing sticks out, buttons are where thumbs are, dark is dark."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from apps.mail.rendering import render
from apps.notifications.mails import preview
from tests import axe
from tests.starter.bank import SLUGS, data
from tests.starter.test_mails import as_problem

pytestmark = pytest.mark.browser
LONGEST = max(SLUGS, key=lambda slug: len(data(slug)))
SHORTEST = min(SLUGS, key=lambda slug: len(data(slug)))
LINK = f"https://challenge.example/verify-email/#{'k' * 90}"
ACCOUNT_MAILS = {
    "verify_email": {"link": LINK, "expires_text": "3 days"},
    "welcome": {"display_name": "W" * 80, "link": LINK},
    "reset_password": {"link": LINK, "expires_text": "1 hour"},
    "password_changed": {"changed_at": datetime(2026, 3, 3, tzinfo=UTC), "link": LINK},
    "address_registered": {"link": LINK, "expires_text": "1 hour"},
    "email_change": {"link": LINK, "expires_text": "1 day"},
    "email_change_notice": {
        "new_address": "a…@example.org",
        "link": LINK,
        "expires_text": "7 days",
    },
}
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_BOXES = "[...document.querySelectorAll('a.button')].map(a => a.getBoundingClientRect().toJSON())"


def _mails() -> dict[str, str]:
    mails = {name: render(name, context).html for name, context in ACCOUNT_MAILS.items()}
    for slug in (LONGEST, SHORTEST):
        for kind in ("challenge", "solution"):
            mails[f"{kind} {slug}"] = preview(as_problem(slug), kind).html
    return mails


def _too_wide(browser, mails: dict[str, str], width: int) -> set[str]:
    def overhang(page):
        found = {}
        for name, html in mails.items():
            page.set_content(html)
            found[name] = page.evaluate(_OVERHANG)
        return found

    return {name for name, by in browser.visit(overhang, width=width).items() if by > 0}


@pytest.mark.parametrize("width", [320, 390, 800])
def test_no_mail_is_wider_than_the_screen(browser, width):
    assert _too_wide(browser, _mails(), width) == set()


def test_no_mail_of_the_bank_is_wider_than_the_narrowest_phone(browser):
    bank = {
        f"{kind} {slug}": preview(as_problem(slug), kind).html
        for slug in SLUGS
        for kind in ("challenge", "solution")
    }

    assert _too_wide(browser, bank, 320) == set()


@pytest.mark.parametrize(("width", "rows"), [(320, 3), (390, 3), (800, 1)])
def test_the_buttons_fill_a_phone_and_share_a_row_elsewhere(browser, width, rows):
    html = preview(as_problem(SHORTEST), "challenge").html

    def boxes(page):
        page.set_content(html)
        return page.evaluate(_BOXES)

    found = browser.visit(boxes, width=width)

    assert len(found) == 3
    assert len({box["top"] for box in found}) == rows
    assert min(box["height"] for box in found) >= 44
    if rows == 3:
        assert min(box["width"] for box in found) >= width - 40


@pytest.mark.parametrize("dark", [False, True])
def test_the_mail_follows_the_scheme_of_the_reader(browser, dark):
    html = preview(as_problem(SHORTEST), "challenge").html

    def ground(page):
        page.set_content(html)
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert browser.visit(ground, dark=dark) == ("rgb(21, 24, 27)" if dark else "rgb(255, 255, 255)")


def test_a_long_line_of_code_goes_on_right_of_where_it_began(browser):
    problem = as_problem(SHORTEST)
    problem.uuid = uuid4()
    problem.statement = f"```text\nshort\n\n    {'word ' * 20}\nshort\n```"
    html = preview(problem, "challenge").html

    def edges(page):
        page.set_content(html)
        return page.evaluate(
            """() => {
                const range = document.createRange();
                range.selectNodeContents(document.querySelector("pre span"));
                const lines = new Map();
                for (const {top, left, width} of range.getClientRects())
                    if (width) lines.set(top, Math.min(left, lines.get(top) ?? Infinity));
                const pre = document.querySelector("pre").getBoundingClientRect();
                return {lines: [...lines.values()], height: pre.height};
            }"""
        )

    found = browser.visit(edges)

    first, *others = found["lines"]
    assert len(others) >= 2
    assert min(others) > first
    # 12 px of padding on either side; lines of 21 px: two short, an empty and the long one.
    assert found["height"] == 24 + 21 * (3 + len(found["lines"]))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 800])
def test_axe_finds_nothing_serious_in_any_mail(browser, width, dark):
    source, mails = axe.script(), _mails()

    def findings(page):
        found = {}
        for name, html in mails.items():
            page.set_content(html)
            found[name] = axe.serious_findings(page, source)
        return found

    assert {
        name: found
        for name, found in browser.visit(findings, width=width, dark=dark).items()
        if found
    } == {}
