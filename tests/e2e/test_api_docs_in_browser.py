"""Swagger UI: served from here under our own policy, with an Authorize that works."""

import pytest

from apps.accounts import sessions
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_page_shows_every_operation_and_asks_nobody_else(browser, live_server):
    complaints, hosts = [], set()

    def act(page):
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(f"{live_server}/api/docs/")
        page.wait_for_selector(".opblock")
        return page.locator(".opblock").count()

    count = browser.visit(act, width=1200)

    assert count >= 38
    assert complaints == []
    assert hosts == {live_server.url.removeprefix("http://")}


def test_a_token_that_was_authorized_is_sent(browser, live_server):
    access = sessions.begin(user=UserFactory(email="ada@example.org")).access

    def act(page):
        page.goto(f"{live_server}/api/docs/")
        page.click(".btn.authorize")
        page.locator(".auth-container input").first.fill(access)
        page.locator(".auth-container button.authorize").first.click()
        page.locator(".btn-done").first.click()
        block = page.locator("#operations-accounts-accounts_me")
        block.click()
        block.get_by_text("Try it out").click()
        block.get_by_text("Execute", exact=True).click()
        page.wait_for_selector("#operations-accounts-accounts_me .live-responses-table")
        return block.locator(".live-responses-table").inner_text()

    shown = browser.visit(act, width=1200)

    assert '"email": "ada@example.org"' in shown
