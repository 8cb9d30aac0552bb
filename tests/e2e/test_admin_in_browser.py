"""The admin in a real browser: nothing sticks out, dialogs do what they say, mails run nothing."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from apps.accounts.models import Role
from apps.core.schedules import sync_schedules
from apps.core.services import raise_alert, record_heartbeat
from apps.mail.models import SendingSwitch
from config.schedules import DEFAULT_SCHEDULES
from tests import axe
from tests.factories import OutboundMailFactory, SentDeliveryFactory, TagFactory
from tests.staff import browser as signed_in_as
from tests.staff import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LONG = "W" * 70


@pytest.fixture(autouse=True)
def _plain_http(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture
def as_admin():
    """Cookies of an admin's session, for a page of this server."""
    client = signed_in_as(person(Role.ADMIN, display_name="Ada"))
    name = django_settings.SESSION_COOKIE_NAME
    value = client.cookies[name].value

    def sign_in(page, server):
        page.context.add_cookies([{"name": name, "value": value, "url": server.url}])
        return page

    return sign_in


@pytest.fixture
def pages():
    """Every page of ours, by name, with words that are as long as words may be."""
    raise_alert("supply_low", key="k" * 200, detail={"error": "e" * 300})
    record_heartbeat("queue.emails")
    sync_schedules(DEFAULT_SCHEDULES[:1])
    failed = SentDeliveryFactory(
        problem__title=_LONG,
        problem__tags=[TagFactory(name="T" * 60)],
        subscription__user__email=f"{'a' * 60}@{'b' * 60}.example",
        status="failed",
        sent_at=None,
        last_code="5" * 40,
        reason_path="→ asyncio " * 20,
    )
    bounced = SentDeliveryFactory(status="bounced")
    mail = OutboundMailFactory()
    lists = [
        "accounts_failedsignin",
        "accounts_user",
        "core_alert",
        "core_heartbeat",
        "django_celery_beat_periodictask",
        "mail_outboundmail",
        "mail_sendingswitch",
        "mail_suppression",
        "notifications_consentevent",
        "notifications_delivery",
        "notifications_subscription",
    ]
    return {
        "index": reverse("admin:index"),
        "login": reverse("admin:login"),
        "delivery": reverse("admin:notifications_delivery_change", args=[failed.pk]),
        "bounced": reverse("admin:notifications_delivery_change", args=[bounced.pk]),
        "subscription": reverse(
            "admin:notifications_subscription_change", args=[failed.subscription_id]
        ),
        "person": reverse("admin:accounts_user_change", args=[failed.subscription.user_id]),
        "mail": reverse("admin:mail_outboundmail_change", args=[mail.pk]),
        "nothing found": f"{reverse('admin:notifications_delivery_changelist')}?q=x@example.org",
        **{name: reverse(f"admin:{name}_changelist") for name in lists},
    }


def test_nothing_sticks_out_of_any_page_on_a_phone(browser, live_server, as_admin, pages):
    def overhangs(page):
        as_admin(page, live_server)
        found = {}
        for name, url in pages.items():
            page.goto(f"{live_server.url}{url}")
            found[name] = page.evaluate(_OVERHANG)
        return found

    assert browser.visit(overhangs, width=390) == dict.fromkeys(pages, 0)


@pytest.mark.parametrize("dark", [False, True])
def test_at_a_desk_nothing_sticks_out_and_axe_finds_nothing_serious(
    browser, live_server, as_admin, pages, dark
):
    source = axe.script()

    def findings(page):
        as_admin(page, live_server)
        found = {}
        for name, url in pages.items():
            page.goto(f"{live_server.url}{url}")
            found[name] = page.evaluate(_OVERHANG), axe.serious_findings(page, source)
        return found

    found = browser.visit(findings, width=1400, dark=dark, bypass_csp=True)
    assert found == dict.fromkeys(pages, (0, []))


def test_sending_is_stopped_for_a_reason_and_started_in_a_dialog(browser, live_server, as_admin):
    def act(page):
        as_admin(page, live_server)
        page.goto(f"{live_server.url}{reverse('admin:mail_sendingswitch_changelist')}")
        page.get_by_role("link", name="Stop sending").click()
        page.locator("#dialog button[type=submit]").click()
        refused = page.locator("#dialog-form").get_by_text("This field is required.").inner_text()
        page.locator("#dialog input[name=reason]").fill("Wrong solutions")
        page.locator("#dialog button[type=submit]").click()
        alarm = page.get_by_role("alert").inner_text()
        page.get_by_role("link", name="Start sending").click()
        page.locator("#dialog button[type=submit]").click()
        page.get_by_text("Sending is on.").wait_for()
        return refused, alarm, page.get_by_role("alert").count()

    refused, alarm, alarms = browser.visit(act, width=1400)

    assert refused == "This field is required."
    assert "Sending is stopped. Wrong solutions" in alarm
    assert alarms == 0
    assert SendingSwitch.objects.get().is_on


def test_a_period_is_asked_for_in_one_way_at_a_time(browser, live_server, as_admin):
    sync_schedules(DEFAULT_SCHEDULES[:1])

    def act(page):
        as_admin(page, live_server)
        page.goto(f"{live_server.url}{reverse('admin:django_celery_beat_periodictask_changelist')}")
        page.get_by_role("link", name=DEFAULT_SCHEDULES[0].name).click()
        every, cron = page.locator("input[name=every]"), page.locator("input[name=cron]")
        every.wait_for()
        before = every.is_visible(), cron.is_visible()
        page.get_by_text("At set times").click()
        cron.wait_for()
        return before, (every.is_visible(), cron.is_visible())

    assert browser.visit(act, width=1400) == ((True, False), (False, True))


def test_a_mail_is_shown_in_a_frame_that_runs_nothing(browser, live_server, as_admin):
    delivery = SentDeliveryFactory(problem__title="A leak to find")
    url = reverse("admin:notifications_delivery_change", args=[delivery.pk])

    def act(page):
        as_admin(page, live_server)
        page.goto(f"{live_server.url}{url}")
        # As a fault of the sanitiser would let it through.
        page.locator("iframe").evaluate(
            "frame => frame.srcdoc += '<script>document.body.innerText = `ran`</script>'"
            " + '<img src=data:, onerror=\"document.body.innerText = `ran`\">'"
        )
        page.locator("iframe").scroll_into_view_if_needed()
        mail = page.frame_locator("iframe").locator("body")
        mail.get_by_text("A leak to find").first.wait_for()
        return mail.inner_text()

    text = browser.visit(act, width=1400)

    assert "A leak to find" in text
    assert "ran" not in text.split()
