import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from apps.accounts.models import Role
from apps.mail.message import message_id_for
from tests.factories import OutboundMailFactory
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

LIST = reverse("admin:mail_outboundmail_changelist")

pytestmark = pytest.mark.django_db


def page_of(mail) -> str:
    return reverse("admin:mail_outboundmail_change", args=[mail.pk])


def found(query: str) -> list[int]:
    page = admin_browser().get(LIST, {"q": query})
    return [mail.pk for mail in page.context["cl"].result_list]


def test_account_mails_are_for_admins_who_see_whole_addresses_and_are_logged():
    mail = OutboundMailFactory(user__email="mira@example.org")
    admin = person(Role.ADMIN)

    with capture_logs() as logs:
        page = browser(admin).get(LIST)
        browser(admin).get(page_of(mail))

    assert curator_browser().get(LIST).status_code == 403
    assert "mira@example.org" in page.text
    assert [entry for entry in logs if entry["event"] == "address_viewed"] == [
        {
            "event": "address_viewed",
            "log_level": "info",
            "by": admin.pk,
            "whose": [mail.user_id],
            "page": url,
        }
        for url in (LIST, page_of(mail))
    ]


def test_a_row_is_found_by_its_number_its_message_id_and_a_whole_address_alone():
    mira = OutboundMailFactory(user__email="mira@example.org")
    OutboundMailFactory(user__email="other@example.org")

    assert found(str(mira.pk)) == [mira.pk]
    assert found(message_id_for("account", mira.pk)) == [mira.pk]
    assert found(message_id_for("account", mira.pk).strip("<>")) == [mira.pk]
    assert found(message_id_for("delivery", mira.pk)) == []
    assert found(" MIRA@example.org ") == [mira.pk]
    assert found("mira") == []


@pytest.mark.parametrize("query", ["9" * 25, "9" * 5000, "²", "\x00", "'; --", "%", "<1.2@x>"])
def test_a_search_for_nonsense_finds_nothing_and_breaks_nothing(query):
    mail = OutboundMailFactory()

    assert found(query) in ([], [mail.pk] if query == "\x00" else [])


def test_the_page_shows_the_mail_without_its_keys():
    mail = OutboundMailFactory(user__email="mira@example.org")

    page = admin_browser().get(page_of(mail))
    look = page.context["look"]

    assert look.subject == "Verify your e-mail address"
    assert "sandbox" in re.search("<iframe[^>]*>", page.text)[0]
    assert set(re.findall(r'href="([^"]*)"', look.html)) == {"#"}
    for part in (look.html, look.text):
        assert "verify-email/#…" in part
        assert not re.search(r":[\w-]{20,}", part)


def test_a_mail_that_says_nothing_more_or_cannot_be_composed_says_so():
    verified = OutboundMailFactory(user__email_verified_at=timezone.now())
    unknown = OutboundMailFactory(purpose="no_such_purpose")
    admin = admin_browser()

    assert "It has nothing more to say." in admin.get(page_of(verified)).text
    with capture_logs() as logs:
        page = admin.get(page_of(unknown))
    assert "It cannot be composed (KeyError); see the log." in page.text
    assert "mail_not_shown" in [entry["event"] for entry in logs]


def test_the_attention_filter_shows_what_went_wrong():
    OutboundMailFactory()
    failed = OutboundMailFactory(status="failed")

    page = admin_browser().get(LIST, {"attention": "yes"})

    assert [mail.pk for mail in page.context["cl"].result_list] == [failed.pk]


def test_nobody_edits_adds_or_deletes_a_mail():
    mail = OutboundMailFactory()
    admin = admin_browser()

    statuses = [
        admin.post(page_of(mail), {"recipient": "x@example.org"}).status_code,
        admin.get(reverse("admin:mail_outboundmail_add")).status_code,
        admin.post(
            reverse("admin:mail_outboundmail_delete", args=[mail.pk]), {"post": "yes"}
        ).status_code,
    ]

    mail.refresh_from_db()
    assert statuses == [403, 403, 403]
    assert mail.recipient == mail.user.email


@pytest.mark.parametrize(
    ("life", "status", "words"),
    [
        (timedelta(hours=1), "planned", "Planned again."),
        (timedelta(0), "failed", "What it says has expired."),
    ],
    ids=["still valid", "expired"],
)
def test_a_failed_mail_is_sent_again_while_what_it_says_is_true(life, status, words):
    mail = OutboundMailFactory(status="failed", expires_at=timezone.now() + life)
    url = reverse("admin:mail_outboundmail_resend_it", args=[mail.pk])

    answer = admin_browser().post(url, {"_form_submitted": "on"}, follow=True)

    mail.refresh_from_db()
    assert mail.status == status
    assert words in answer.text


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one():
    admin = admin_browser()
    OutboundMailFactory()
    for_one = queries_of(admin, LIST)
    OutboundMailFactory.create_batch(2, expires_at=timezone.now() + timedelta(days=1))

    assert queries_of(admin, LIST) == for_one


@pytest.mark.django_db(transaction=True)
def test_an_admin_has_a_copy_of_an_account_mail_sent_to_themselves(published):
    mail = OutboundMailFactory(
        status="sent", sent_at=timezone.now(), attempts=1, message_id="<first@challenge.example>"
    )
    url = reverse("admin:mail_outboundmail_copy_it", args=[mail.pk])
    ada = person(Role.ADMIN, email="ada@staff.example")

    offered = browser(ada).get(page_of(mail)).text
    answer = browser(ada).post(url, {"_form_submitted": "on"}, follow=True)
    refused = curator_browser().post(url, {"_form_submitted": "on"})

    assert url in offered
    assert published == [("emails.send_test_mail", ("account", mail.pk, "ada@staff.example"), {})]
    assert "A copy is on its way" in answer.text
    assert refused.status_code == 403
