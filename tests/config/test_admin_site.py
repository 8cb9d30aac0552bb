"""The admin as a whole: who may open what, its sidebar, its first page."""

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.accounts.models import Role
from apps.core.services import raise_alert, record_heartbeat
from apps.mail.admin.account_mails import MailboxMessageAdmin
from apps.mail.models import MailboxMessage
from tests.factories import (
    OutboundMailFactory,
    ProblemFactory,
    SentDeliveryFactory,
    TagFactory,
    TagSuggestionFactory,
)
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

INDEX = reverse("admin:index")
FOR_CURATORS = {
    "core.alert",
    "django_celery_beat.periodictask",
    "mail.sendingswitch",
    "notifications.delivery",
    "notifications.subscription",
    "problems.problem",
    "tags.tag",
    "tags.tagmerge",
    "tags.tagsuggestion",
}
FOR_ADMINS_ALONE = {
    "accounts.failedsignin",
    "accounts.user",
    "core.heartbeat",
    "core.scheduledefault",
    "django_celery_beat.clockedschedule",
    "django_celery_beat.crontabschedule",
    "django_celery_beat.intervalschedule",
    "django_celery_beat.solarschedule",
    "mail.outboundmail",
    "mail.suppression",
    "notifications.consentevent",
}
REGISTERED = {model._meta.label_lower: model for model in admin.site._registry}

pytestmark = pytest.mark.django_db


def list_of(label: str) -> str:
    opts = REGISTERED[label]._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")


def test_somebody_decided_about_every_model_in_the_admin():
    assert set(REGISTERED) == FOR_CURATORS | FOR_ADMINS_ALONE


@pytest.mark.parametrize("label", sorted(REGISTERED))
def test_each_list_opens_for_exactly_those_it_is_for(label):
    url = list_of(label)

    statuses = [
        client.get(url).status_code
        for client in (
            browser(),
            browser(person(Role.SUBSCRIBER)),
            curator_browser(),
            admin_browser(),
        )
    ]

    # Strangers are sent to the door.
    assert statuses == [302, 302, 200 if label in FOR_CURATORS else 403, 200]


@pytest.mark.parametrize("label", sorted(REGISTERED))
def test_each_list_says_so_when_it_is_empty(label):
    page = admin_browser().get(list_of(label))

    assert page.status_code == 200


def test_the_sidebar_shows_what_somebody_may_open_and_nothing_else():
    def labels(client):
        groups = client.get(INDEX).context["sidebar_navigation"]
        return {item["link"] for group in groups for item in group["items"]} - {INDEX}

    assert labels(curator_browser()) == {list_of(label) for label in FOR_CURATORS}
    in_no_group = {label for label in FOR_ADMINS_ALONE if "schedule" in label} - {
        "core.scheduledefault"
    }
    assert labels(admin_browser()) == {list_of(label) for label in set(REGISTERED) - in_no_group}


def test_the_sidebar_counts_what_waits():
    raise_alert("supply_low")
    TagSuggestionFactory.create_batch(2)
    ProblemFactory.create_batch(3, status="pending", approved_at=None)

    groups = curator_browser().get(INDEX).context["sidebar_navigation"]

    badges = {item["title"]: item.get("badge") for group in groups for item in group["items"]}
    assert badges["Alerts"] == 1
    assert badges["Suggested tags"] == 2
    assert badges["Problems"] == 3
    assert badges["Deliveries"] == 0


def test_the_first_page_shows_the_figures_and_where_they_lead():
    raise_alert("supply_low", key="python")
    record_heartbeat("beat")
    SentDeliveryFactory(problem__tags=[TagFactory(name="Languages")])

    page = curator_browser().get(INDEX)

    for words in ("Waiting for review", "supply_low", "python", "beat", "Languages"):
        assert words in page.text
    assert f"{reverse('admin:notifications_delivery_changelist')}?attention=yes" in page.text
    assert reverse("admin:core_heartbeat_changelist") not in page.text


def test_the_first_page_of_an_empty_installation():
    page = admin_browser().get(INDEX)

    for words in ("Nothing is wrong.", "Are beat and a worker running?", "There are no tags yet."):
        assert words in page.text


def test_the_first_page_takes_as_many_queries_for_three_rows_of_everything_as_for_one():
    curator = curator_browser()
    counts = []
    for number in (1, 2):
        for _ in range(number):
            SentDeliveryFactory(problem__tags=[TagFactory()])
            OutboundMailFactory()
            TagSuggestionFactory()
            raise_alert(f"kind {TagSuggestionFactory().pk}")
            record_heartbeat(f"queue {TagSuggestionFactory().pk}")
        counts.append(queries_of(curator, INDEX))

    assert counts[0] == counts[1]


def test_after_signing_in_somebody_stands_on_the_first_page():
    person(Role.CURATOR, email="curator@example.org")

    answer = browser().post(
        reverse("admin:login"),
        {"username": "Curator@example.org", "password": "correct horse battery"},
        follow=True,
    )

    assert answer.redirect_chain == [(INDEX, 302)]


def test_a_subscriber_does_not_get_in_with_the_right_password():
    person(Role.SUBSCRIBER, email="mira@example.org")

    answer = browser().post(
        reverse("admin:login"),
        {"username": "mira@example.org", "password": "correct horse battery"},
    )

    assert answer.status_code == 200
    assert "_auth_user_id" not in answer.client.session


def test_the_mailbox_is_in_the_admin_of_a_demo_alone():
    assert "mail.mailboxmessage" not in REGISTERED

    demo = MailboxMessageAdmin(MailboxMessage, admin.site)
    assert not any(
        [
            demo.has_add_permission(None),
            demo.has_change_permission(None),
            demo.has_delete_permission(None),
        ]
    )


@pytest.mark.parametrize("term", ["alert", "mail", "x", "%", "\x00"])
def test_searching_the_sidebar_finds_only_what_somebody_may_open(term):
    page = curator_browser().get(reverse("admin:search"), {"s": term})

    assert page.status_code == 200
    assert "outboundmail" not in page.text
    assert ("core/alert" in page.text) == (term == "alert")
