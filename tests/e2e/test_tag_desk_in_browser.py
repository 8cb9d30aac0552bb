"""The tag desk in a real browser: decisions without a page, by mouse and by keyboard."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from apps.accounts.models import Role
from apps.problems.services import create_problem
from apps.tags.models import Tag, TagSuggestion
from tests import axe
from tests.factories import UserFactory
from tests.staff import browser as signed_in_as
from tests.staff import person
from tests.tags.outlines import outline, plant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = reverse("admin:tags_tagsuggestion_changelist")
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _plain_http(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture
def opened(live_server):
    """Opens a page of this server, signed in as a curator."""
    name = django_settings.SESSION_COOKIE_NAME
    client = signed_in_as(person(Role.CURATOR, display_name="Cleo"))
    value = client.cookies[name].value

    def open_page(page, path):
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page.goto(f"{live_server.url}{path}")
        return page

    return open_page


@pytest.fixture
def waiting():
    plant({"JavaScript": {"React": {}}, "PostgreSQL": {}})
    for name in ("Bun", "Postgres", "Blub"):
        create_problem(
            title=f"A story about {name}",
            statement="Why?",
            tags=["JavaScript", name],
            author=UserFactory(display_name="W" * 50),
        )


def states() -> dict[str, tuple[str, str | None, str]]:
    rows = TagSuggestion.objects.select_related("resolved_tag")
    return {
        row.name: (row.status, row.resolved_tag and row.resolved_tag.name, row.note) for row in rows
    }


def test_three_names_are_decided_without_a_page_being_loaded(browser, opened, waiting):
    def act(page):
        opened(page, DESK)
        loads = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        case = page.get_by_role("article", name="Bun")
        case.get_by_label("Parent").fill("Nowhere")
        case.get_by_role("button", name="Approve").click()
        refusal = case.get_by_role("alert").inner_text()
        case.get_by_label("Parent").fill("javascript")
        case.get_by_role("button", name="Approve").click()
        page.locator(".case.is-approved").wait_for()
        page.get_by_role("article", name="Postgres").locator(".case-twin").click()
        page.locator(".case.is-merged").wait_for()
        # The focus went on to the next open case; its note is the fifth field after it.
        focused = page.evaluate("document.activeElement.textContent")
        page.get_by_role("article", name="Blub").get_by_label("Note").fill("A joke.")
        page.keyboard.press("Enter")
        page.locator(".case.is-rejected").wait_for()
        return refusal, focused, page.locator("[data-waiting]").inner_text(), loads

    refusal, focused, left, loads = browser.visit(act, width=1400)

    assert refusal == "Parent: There is no tag “Nowhere”."
    assert "Approve Blub" in focused
    assert (left, loads) == ("0", [])
    assert outline() == {"JavaScript": {"React": {}, "Bun": {}}, "PostgreSQL": {}}
    assert states() == {
        "Bun": ("approved", "Bun", ""),
        "Postgres": ("merged", "PostgreSQL", ""),
        "Blub": ("rejected", None, "A joke."),
    }


def test_several_are_rejected_with_one_question(browser, opened, waiting):
    def act(page):
        opened(page, DESK)
        page.get_by_label("Select all on this page").first.check()
        page.locator("select[name=action]").select_option("reject_all")
        page.get_by_role("button", name="Run").click()
        page.get_by_label("Note").fill("Not now.")
        page.get_by_role("button", name="Reject").click()
        page.get_by_text("Rejected. (3)").wait_for()

    browser.visit(act, width=1400)

    assert set(states().values()) == {("rejected", None, "Not now.")}


def test_a_tag_is_merged_and_the_merge_is_taken_back(browser, opened):
    tags = plant({"React.js": {"Hooks": {}}, "React": {}})

    def merge(page):
        opened(page, reverse("admin:tags_tag_change", args=[tags["React.js"].pk]))
        page.get_by_role("link", name="Merge into another tag").click()
        page.locator("input[name=into]").fill("react")
        page.get_by_role("button", name="Look").click()
        page.get_by_role("button", name="Merge", exact=True).click()
        page.get_by_text("Merged “React.js” into “React”.").wait_for()

    def undo(page):
        opened(page, reverse("admin:tags_tagmerge_changelist"))
        page.get_by_role("link", name="React.js → React").click()
        page.get_by_role("link", name="Undo").first.click()
        page.locator("#dialog button[type=submit]").click()
        page.get_by_text("Undone.", exact=True).first.wait_for()

    browser.visit(merge, width=1400)
    merged = outline()
    browser.visit(undo, width=1400)

    assert merged == {"React": {"Hooks": {}}}
    assert outline() == {"React.js": {"Hooks": {}}, "React": {}}


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1400, False)])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(browser, opened, waiting, width, dark):
    source = axe.script()
    tag = Tag.objects.get(name="React")
    paths = [
        DESK,
        f"{DESK}?q=zig",
        reverse("admin:tags_tag_changelist"),
        reverse("admin:tags_tag_change", args=[tag.pk]),
        reverse("admin:tags_tag_history", args=[tag.pk]),
        f"{reverse('admin:tags_tag_merge_page', args=[tag.pk])}?into=PostgreSQL",
        reverse("admin:tags_tagmerge_changelist"),
    ]
    TagSuggestion.objects.create(
        name="W" * 60, normalized_name="w" * 60, source="import", note="n" * 300
    )

    def look(page):
        found = {}
        for path in paths:
            opened(page, path)
            found[path] = page.evaluate(_OVERHANG), axe.serious_findings(page, source)
        return found

    found = browser.visit(look, width=width, dark=dark, bypass_csp=True)

    assert found == dict.fromkeys(paths, (0, []))
