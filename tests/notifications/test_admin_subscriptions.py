from datetime import time

import pytest
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from apps.accounts.models import Role
from apps.notifications.models import ConsentEvent
from tests.factories import SubscriptionFactory, TagFactory
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

LIST = reverse("admin:notifications_subscription_changelist")
CONSENT = reverse("admin:notifications_consentevent_changelist")

pytestmark = pytest.mark.django_db


def page_of(subscription) -> str:
    return reverse("admin:notifications_subscription_change", args=[subscription.pk])


def found(**query: str) -> list[int]:
    page = curator_browser().get(LIST, query)
    return [subscription.pk for subscription in page.context["cl"].result_list]


def test_the_list_says_who_wants_what_when_with_the_address_masked_for_curators():
    SubscriptionFactory(
        user__email="mira@example.org",
        delivery_time=time(6, 30),
        timezone="Asia/Kathmandu",
        weekdays=[1, 5],
        tags=[TagFactory(), TagFactory()],
    )

    page = curator_browser().get(LIST).text

    for words in ("m…@example.org", "06:30 Asia/Kathmandu", "Mon, Fri", ">2<", "Active"):
        assert words in page
    assert "mira@example.org" not in page


def test_an_admin_sees_the_whole_address_and_the_log_says_so():
    subscription = SubscriptionFactory(user__email="mira@example.org")
    ada = person(Role.ADMIN)

    with capture_logs() as logs:
        page = browser(ada).get(page_of(subscription)).text

    seen = [entry for entry in logs if entry["event"] == "address_viewed"]
    assert "mira@example.org" in page
    assert [(entry["by"], entry["whose"]) for entry in seen] == [(ada.pk, [subscription.user_id])]


def test_a_page_names_the_interests_and_leads_to_the_deliveries():
    tagged = SubscriptionFactory(tags=[TagFactory(name="asyncio")])
    open_to_all = SubscriptionFactory()
    curator = curator_browser()

    assert "asyncio" in curator.get(page_of(tagged)).text
    assert f"?subscription={tagged.pk}" in curator.get(page_of(tagged)).text
    assert "everything" in curator.get(page_of(open_to_all)).text


def test_search_and_filters_find_exactly():
    mira = SubscriptionFactory(user__email="mira@example.org", starved_at=timezone.now())
    paused = SubscriptionFactory(status="paused", next_delivery_at=None)

    assert found(q="mira@example.org") == [mira.pk]
    assert found(q=str(paused.pk)) == [paused.pk]
    assert found(q="mira") == []
    assert found(status__exact="paused") == [paused.pk]
    assert found(supply="starved") == [mira.pk]


def test_nobody_edits_adds_or_deletes_a_subscription():
    subscription = SubscriptionFactory()

    for client in (curator_browser(), admin_browser()):
        delete = reverse("admin:notifications_subscription_delete", args=[subscription.pk])
        assert [
            client.post(page_of(subscription), {"timezone": "UTC"}).status_code,
            client.get(reverse("admin:notifications_subscription_add")).status_code,
            client.post(delete, {"post": "yes"}).status_code,
        ] == [403, 403, 403]


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one():
    curator = curator_browser()
    SubscriptionFactory(tags=[TagFactory()])
    for_one = queries_of(curator, LIST)
    SubscriptionFactory.create_batch(2)

    assert queries_of(curator, LIST) == for_one


def test_consent_is_for_admins_and_outlives_the_person():
    mira = SubscriptionFactory(user__email="mira@example.org").user
    ConsentEvent.objects.create(user=mira, action="subscribed", words="Yes.", door="api")
    ConsentEvent.objects.create(user=None, action="unsubscribed", door="mail")

    page = admin_browser().get(CONSENT)

    assert curator_browser().get(CONSENT).status_code == 403
    assert [event.door for event in page.context["cl"].result_list] == ["mail", "api"]
    for words in ("mira@example.org", "erased", "Subscribed", "Unsubscribed"):
        assert words in page.text


def test_the_list_of_consent_takes_as_many_queries_for_three_rows_as_for_one():
    admin = admin_browser()
    for_rows = []
    for count in (1, 2):
        for subscription in SubscriptionFactory.create_batch(count):
            ConsentEvent.objects.create(user=subscription.user, action="subscribed", door="api")
        for_rows.append(queries_of(admin, CONSENT))

    assert for_rows[0] == for_rows[1]
