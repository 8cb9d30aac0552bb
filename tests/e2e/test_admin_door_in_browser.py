"""The doors of the admin in a real browser: a person sets up a second factor and comes back."""

import base64

import pytest
from django_otp.oath import totp

from apps.accounts.models import Role
from tests import axe
from tests.staff import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_ADDRESS = f"{'a' * 60}@{'b' * 60}.example"
_PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _as_on_a_machine_of_its_own(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True
    settings.ADMIN_OTP_REQUIRED = True
    settings.ACCOUNT_LIMITS = {**settings.ACCOUNT_LIMITS, "sign_in": (10_000, 60)}
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10_000, 60)}


def sign_in(page, password=_PASSWORD):
    page.get_by_label("E-mail address").fill(_ADDRESS)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1400, True)])
def test_a_person_sets_up_a_second_factor_and_comes_back(browser, live_server, width, dark):
    person(Role.ADMIN, email=_ADDRESS)
    source, faults = axe.script(), []

    def look(page, title):
        page.get_by_role("heading", name=title).wait_for()
        faults.extend(f"{title}: {each}" for each in axe.serious_findings(page, source))
        if overhang := page.evaluate(_OVERHANG):
            faults.append(f"{title}: {overhang} px too wide")

    def act(page):
        page.goto(f"{live_server.url}/admin/")
        sign_in(page, "wrong")
        look(page, "Curators' desk")
        sign_in(page)
        look(page, "Set up a second factor")
        key = base64.b32decode(page.locator(".desk-door-key code").inner_text().replace(" ", ""))
        page.get_by_label("six digits").fill(f"{totp(key):06d}")
        page.get_by_role("button", name="Set up").click()
        look(page, "Recovery codes")
        code = page.locator(".desk-door-codes code").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        page.goto(f"{live_server.url}/admin/second-factor/settings/")
        look(page, "It is set up")
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/admin/")
        sign_in(page)
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Go on").click()
        look(page, "Show your second factor")
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{live_server.url}/admin/")
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/admin/")
        while not page.get_by_role("alert").count():
            sign_in(page, "wrong")
        look(page, "Wait a while")

    browser.visit(act, width=width, dark=dark, bypass_csp=True)

    assert faults == []
