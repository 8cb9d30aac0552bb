"""What a real browser says of the policies that pages come with."""

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.urls import reverse

from apps.accounts.models import Role
from tests.factories import DeliveryFactory, TagFactory
from tests.staff import browser as signed_in_as
from tests.staff import person

# Pages of the site that anybody may see.
SITE = ["front", "privacy", "verify-email", "confirm-email", "undo-email-change", "reset-password"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def paths() -> list[str]:
    """The site, the API's documents, the admin's first page, and each of its lists of ours."""
    ours = [m._meta for m in admin.site._registry if m.__module__.startswith("apps.")]
    lists = [reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") for meta in ours]
    site = [reverse(f"pages:{name}") for name in SITE]
    return [*site, "/api/docs/", "/admin/", "/admin/django_celery_beat/periodictask/", *lists]


def refusals(page, address: str) -> list[str]:
    """What the browser refused of a page, and scripts that broke."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text))
    page.on("pageerror", lambda error: found.append(f"Policy or script: {error}"))
    answer = page.goto(address, wait_until="networkidle")
    if answer is None or answer.status != 200:
        found.append(f"Policy or script: answered {answer and answer.status}")
    return [words for words in found if "Policy" in words]


def test_no_page_needs_more_than_its_policy_allows(live_server, browser, settings):
    settings.SESSION_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True
    TagFactory()
    DeliveryFactory()
    name = django_settings.SESSION_COOKIE_NAME
    value = signed_in_as(person(Role.ADMIN)).cookies[name].value

    def look(page):
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        found = {}
        for path in paths():
            visited = page.context.new_page()
            found[path] = refusals(visited, f"{live_server.url}{path}")
            visited.close()
        return found

    assert browser.visit(look, width=1400) == {path: [] for path in paths()}
