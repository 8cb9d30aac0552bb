"""The small site in a real browser: nothing sticks out, it works without and with its script."""

import pytest

from apps.accounts import links as account_links
from apps.accounts.models import User
from apps.mail.models import MailboxMessage
from apps.notifications import links
from apps.notifications.mails import preview
from apps.notifications.models import Reading, Subscription
from tests import axe
from tests.factories import (
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STATEMENT = (
    "Prose with `code` and [a link](https://example.org/).\n\n"
    f"```python\n{'x' * 200}\n```\n\n> [!WARNING]\n> Mind.\n\n"
    f"| {'| '.join(f'column {n} ' for n in range(12))}|\n|{'-|' * 12}\n|{'`y`|' * 12}\n"
)


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}


@pytest.fixture
def pages():
    """Every page in every state, by name."""
    python = TagFactory(name="Python")
    problem = ProblemFactory(
        title="W" * 70, statement=STATEMENT, solution=f"### Head\n\n{STATEMENT}", tags=[python]
    )
    user = UserFactory()
    subscription = SubscriptionFactory(user=user, tags=[python])
    challenge = SentDeliveryFactory(subscription=subscription, problem=problem)
    Reading.objects.create(
        delivery=challenge, hints_shown=1, revealed_at=challenge.due_at, rating=5
    )
    paused = SubscriptionFactory(status="paused", next_delivery_at=None)
    mail = preview(problem, "challenge")
    kept = MailboxMessage.objects.create(
        message_id=mail.message_id, recipient="a@example.org", subject=mail.subject, raw=mail.raw()
    )
    feedback = f"/feedback/{links.make_feedback_token(challenge.pk)}/"
    unsubscribe = f"/unsubscribe/{links.make_unsubscribe_token(subscription.pk)}/"
    return {
        "front": "/",
        "privacy": "/privacy/",
        "problem": f"/problems/{problem.slug}/",
        "read": f"/read/{links.make_read_token(challenge.pk)}/",
        "feedback": f"{feedback}?outcome=tried",
        "feedback saved": f"{feedback}?saved=1",
        "unsubscribe": unsubscribe,
        "manage": f"/manage/{links.make_manage_token(subscription.pk, subscription.user.email)}/",
        "manage paused": f"/manage/{links.make_manage_token(paused.pk, paused.user.email)}/",
        "bad link": "/read/x/",
        "nowhere": "/nowhere/",
        "verify": "/verify-email/#x",
        "verify without token": "/verify-email/",
        "confirm": "/confirm-email/#x",
        "undo": "/undo-email-change/#x",
        "reset": "/reset-password/#x",
        "ask for a reset": "/reset-password/",
        "mailbox": "/mailbox/",
        "mail": f"/mailbox/{kept.pk}/",
    }


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_is_wider_than_the_screen(browser, live_server, pages, width):
    def overhang(page):
        found = {}
        for name, path in pages.items():
            page.goto(live_server.url + path)
            found[name] = page.evaluate(_OVERHANG)
        return found

    assert {name for name, by in browser.visit(overhang, width=width).items() if by > 0} == set()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_axe_finds_nothing_serious_and_nothing_is_too_wide(
    browser, live_server, pages, dark
):
    source = axe.script()

    def findings(page):
        found = {}
        for name, path in pages.items():
            page.goto(live_server.url + path)
            found[name] = max(page.evaluate(_OVERHANG), 0), axe.serious_findings(page, source)
        return found

    assert browser.visit(findings, dark=dark) == dict.fromkeys(pages, (0, []))


def test_no_page_makes_the_console_complain(browser, live_server, pages):
    def complaints(page):
        found = []
        page.on("console", lambda message: found.append((page.url, message.type, message.text)))
        page.on("pageerror", lambda error: found.append((page.url, "error", str(error))))
        for name, path in pages.items():
            if name not in ("bad link", "nowhere"):
                page.goto(live_server.url + path)
        return found

    assert [what for what in browser.visit(complaints) if what[1] == "error"] == []


def test_reading_marking_and_leaving_work_without_a_script(browser, live_server, pages):
    def journey(page):
        page.goto(live_server.url + pages["read"])
        page.get_by_role("button", name="Show hint 2").click()
        hints = page.locator(".hint").count()
        page.goto(live_server.url + pages["feedback"])
        page.get_by_label("Solved it").check()
        page.get_by_label("Just right").check()
        page.get_by_role("button", name="Save").click()
        saved = page.get_by_role("status").inner_text()
        page.goto(live_server.url + pages["manage"])
        page.get_by_label("Hour").fill("06:45")
        page.get_by_text("Sunday", exact=True).click()
        page.get_by_role("button", name="Save").click()
        changed = page.get_by_role("status").inner_text()
        page.goto(live_server.url + pages["unsubscribe"])
        page.get_by_role("button", name="Unsubscribe").click()
        return hints, saved, changed, page.get_by_role("heading").inner_text()

    assert browser.visit(journey, java_script_enabled=False) == (
        2,
        "Saved. You can change it as long as this link works.",
        "Saved.",
        "You are unsubscribed",
    )
    reading = Reading.objects.get()
    assert (reading.outcome, reading.difficulty_felt) == ("solved", "right")
    subscription = Subscription.objects.get(pk=reading.delivery.subscription_id)
    assert (subscription.status, f"{subscription.delivery_time:%H:%M}") == ("unsubscribed", "06:45")
    assert subscription.weekdays == [1, 2, 3, 4, 5, 6]


def test_an_address_is_verified_by_a_click_and_not_by_a_look(browser, live_server, settings):
    settings.VERIFY_EMAIL_URL = f"{live_server.url}/verify-email/#{{token}}"
    user = UserFactory(email_verified_at=None)
    link = account_links.verify_link(user)

    def look(page):
        page.goto(link)
        page.get_by_role("button", name="Verify").wait_for()

    def click(page):
        page.goto(link)
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("status").wait_for()
        return page.get_by_role("status").inner_text(), page.url

    browser.visit(look)
    assert not User.objects.get(pk=user.pk).is_email_verified

    words, url = browser.visit(click)
    assert words == "Your address is verified. You can sign in now."
    assert url == f"{live_server.url}/verify-email/"
    assert User.objects.get(pk=user.pk).is_email_verified

    words, _ = browser.visit(click)
    assert words == (
        "This link does not work any more: it was used already, has expired or is incomplete."
    )


def test_a_new_password_is_chosen_and_a_bad_one_is_refused_in_words(browser, live_server, settings):
    settings.PASSWORD_RESET_URL = f"{live_server.url}/reset-password/#{{token}}"
    user = UserFactory()
    link = account_links.reset_link(user)

    def choose(page):
        page.goto(link)
        page.get_by_label("New password").fill("1234567890")
        page.get_by_role("button", name="Change my password").click()
        page.get_by_role("status").wait_for()
        refused = page.get_by_role("status").inner_text()
        page.get_by_label("New password").fill("a better horse battery")
        page.get_by_role("button", name="Change my password").click()
        page.get_by_text("Sign in with the new one.").wait_for()
        return refused

    assert "This password is entirely numeric." in browser.visit(choose)
    assert User.objects.get(pk=user.pk).check_password("a better horse battery")


def test_a_link_is_asked_for_where_there_is_no_token(browser, live_server):
    def ask(page):
        page.goto(f"{live_server.url}/reset-password/")
        page.get_by_label("Your e-mail address").fill("nobody@example.org")
        page.get_by_role("button", name="Send me a link").click()
        page.get_by_role("status").wait_for()
        return page.get_by_role("status").inner_text()

    assert browser.visit(ask) == (
        "If there is an account with this address, a mail with a link is on its way."
    )


def test_without_a_script_an_account_link_says_what_to_do(browser, live_server):
    def words(page):
        page.goto(f"{live_server.url}/verify-email/#x")
        return page.locator("main").inner_text()

    assert "This page needs JavaScript" in browser.visit(words, java_script_enabled=False)
