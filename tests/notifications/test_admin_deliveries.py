import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from structlog.testing import capture_logs

from apps.accounts.models import Role
from apps.mail.message import message_id_for
from tests.factories import DeliveryFactory, SentDeliveryFactory
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

LIST = reverse("admin:notifications_delivery_changelist")

SUBMITTED = {"_form_submitted": "on"}

pytestmark = pytest.mark.django_db


def page_of(delivery) -> str:
    return reverse("admin:notifications_delivery_change", args=[delivery.pk])


def found(client, **query: str) -> list[int]:
    page = client.get(LIST, query)
    return [delivery.pk for delivery in page.context["cl"].result_list]


def test_curators_see_masked_addresses_on_every_page():
    delivery = DeliveryFactory(subscription__user__email="mira@example.org")
    curator = curator_browser()

    with capture_logs() as logs:
        pages = [curator.get(url).text for url in (LIST, page_of(delivery))]

    for page in pages:
        assert "m…@example.org" in page
        assert "mira@example.org" not in page
    assert "address_viewed" not in [entry["event"] for entry in logs]


def test_admins_see_whole_addresses_and_each_view_is_logged():
    delivery = DeliveryFactory(subscription__user__email="mira@example.org")
    other = DeliveryFactory()
    ada = person(Role.ADMIN)

    with capture_logs() as logs:
        pages = [browser(ada).get(url).text for url in (LIST, page_of(delivery))]

    mira_id, other_id = delivery.subscription.user_id, other.subscription.user_id
    seen = [entry for entry in logs if entry["event"] == "address_viewed"]
    assert all("mira@example.org" in page for page in pages)
    assert [(entry["by"], entry["whose"]) for entry in seen] == [
        (ada.pk, sorted([mira_id, other_id])),
        (ada.pk, [mira_id]),
    ]


def test_a_delivery_is_found_by_number_message_id_or_whole_address():
    delivery = DeliveryFactory(subscription__user__email="mira@example.org")
    DeliveryFactory()
    curator = curator_browser()

    assert found(curator, q=str(delivery.pk)) == [delivery.pk]
    assert found(curator, q=message_id_for("delivery", delivery.pk)) == [delivery.pk]
    assert found(curator, q=message_id_for("account", delivery.pk)) == []
    assert found(curator, q="Mira@example.org") == [delivery.pk]
    assert found(curator, q="mira") == []
    assert found(curator, q="9" * 5000) == []


def test_one_subscription_and_one_status_can_be_picked_out():
    planned = DeliveryFactory()
    sent = SentDeliveryFactory()
    failed = SentDeliveryFactory(status="failed", sent_at=None)
    curator = curator_browser()

    assert found(curator) == [failed.pk, sent.pk, planned.pk]
    assert found(curator, status__exact="sent") == [sent.pk]
    assert found(curator, attention="yes") == [failed.pk]
    assert found(curator, subscription=str(planned.subscription_id)) == [planned.pk]
    assert curator.get(LIST, {"subscription": "x"}).status_code == 302


def test_the_page_shows_state_reason_and_the_mail_without_its_keys():
    delivery = SentDeliveryFactory(
        problem__title="A leak to find",
        reason_code="interest",
        reason_path="Python → asyncio",
        last_code="250 2.0.0",
        problem_version=1,
        problem__version=3,
    )

    page = curator_browser().get(page_of(delivery))

    for words in ("Sent", "Python → asyncio", "250 2.0.0", "1; it is at version 3 by now"):
        assert words in page.text
    look = page.context["look"]
    assert look.subject == "A leak to find"
    assert set(re.findall(r'href="([^"]*)"', look.html)) == {"#"}
    assert not re.search(r":[\w-]{20,}", look.text)
    delivery.refresh_from_db()
    assert delivery.problem_version == 1


def test_the_frame_of_the_mail_may_run_send_and_reach_nothing():
    delivery = SentDeliveryFactory(problem__statement="<script>alert(1)</script> What now?")

    page = curator_browser().get(page_of(delivery)).text

    frame = re.search("<iframe[^>]*>", page)[0]
    assert re.search(r"\ssandbox\s", frame)
    assert "allow-" not in frame
    assert "<script>alert" not in page


def test_nobody_edits_adds_or_deletes_a_delivery():
    delivery = DeliveryFactory()

    for client in (curator_browser(), admin_browser()):
        delete = reverse("admin:notifications_delivery_delete", args=[delivery.pk])
        assert [
            client.post(page_of(delivery), {"status": "sent"}).status_code,
            client.get(reverse("admin:notifications_delivery_add")).status_code,
            client.post(delete, {"post": "yes"}).status_code,
        ] == [403, 403, 403]
    delivery.refresh_from_db()
    assert delivery.status == "planned"


@pytest.mark.parametrize("make", [curator_browser, admin_browser])
def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(make):
    client = make()
    DeliveryFactory()
    for_one = queries_of(client, LIST)
    DeliveryFactory.create_batch(2)

    assert queries_of(client, LIST) == for_one


def cancel_url(delivery) -> str:
    return reverse("admin:notifications_delivery_cancel_it", args=[delivery.pk])


def test_an_admin_cancels_what_is_planned_and_its_slot_is_free_again():
    delivery = DeliveryFactory()
    ada = admin_browser()

    offered = ada.get(page_of(delivery)).text
    answer = ada.post(cancel_url(delivery), SUBMITTED, follow=True)

    delivery.refresh_from_db()
    delivery.subscription.refresh_from_db()
    assert cancel_url(delivery) in offered
    assert (delivery.status, delivery.last_code) == ("cancelled", "cancelled_by_staff")
    assert delivery.subscription.slot_count == 0
    assert answer.redirect_chain == [(page_of(delivery), 302)]
    assert "Cancelled." in answer.text


def test_what_has_left_cannot_be_cancelled_any_more():
    delivery = SentDeliveryFactory()
    ada = admin_browser()

    offered = ada.get(page_of(delivery)).text
    answer = ada.post(cancel_url(delivery), SUBMITTED, follow=True)

    delivery.refresh_from_db()
    assert cancel_url(delivery) not in offered
    assert delivery.status == "sent"
    assert "cannot be cancelled any more" in answer.text


def test_a_curator_cancels_nothing():
    delivery = DeliveryFactory()
    curator = curator_browser()

    offered = curator.get(page_of(delivery)).text
    answer = curator.post(cancel_url(delivery), SUBMITTED)

    delivery.refresh_from_db()
    assert cancel_url(delivery) not in offered
    assert (answer.status_code, delivery.status) == (403, "planned")


def resend_url(delivery) -> str:
    return reverse("admin:notifications_delivery_resend_it", args=[delivery.pk])


def failed_delivery():
    return SentDeliveryFactory(status="failed", sent_at=None, last_code="550")


def test_an_admin_sends_again_what_failed_and_it_is_noted_who_did():
    delivery = failed_delivery()
    ada = admin_browser()

    offered = ada.get(page_of(delivery)).text
    answer = ada.post(resend_url(delivery), SUBMITTED, follow=True)

    delivery.refresh_from_db()
    assert resend_url(delivery) in offered
    assert cancel_url(delivery) not in offered
    assert delivery.status == "planned"
    assert answer.redirect_chain == [(page_of(delivery), 302)]
    assert "Planned again." in answer.text
    assert LogEntry.objects.values_list("object_id", "change_message").get() == (
        str(delivery.pk),
        "Planned again.",
    )


def test_what_arrived_is_not_sent_again_and_a_look_at_the_dialog_sends_nothing():
    arrived, failed = SentDeliveryFactory(), failed_delivery()
    ada = admin_browser()

    offered = ada.get(page_of(arrived)).text
    answer = ada.post(resend_url(arrived), SUBMITTED, follow=True)
    ada.get(resend_url(failed))

    arrived.refresh_from_db()
    failed.refresh_from_db()
    assert resend_url(arrived) not in offered
    assert "It has arrived, or is on its way." in answer.text
    assert (arrived.status, failed.status) == ("sent", "failed")


def test_a_curator_sends_nothing_again():
    delivery = failed_delivery()
    curator = curator_browser()

    offered = curator.get(page_of(delivery)).text
    answer = curator.post(resend_url(delivery), SUBMITTED)

    delivery.refresh_from_db()
    assert resend_url(delivery) not in offered
    assert (answer.status_code, delivery.status) == (403, "failed")


def copy_url(delivery) -> str:
    return reverse("admin:notifications_delivery_copy_it", args=[delivery.pk])


@pytest.mark.django_db(transaction=True)
def test_an_admin_has_a_copy_sent_to_themselves_and_it_is_noted_who_did(published):
    delivery = SentDeliveryFactory(subscription__user__email="mira@example.org")
    ada = person(Role.ADMIN, email="ada@staff.example")

    offered = browser(ada).get(page_of(delivery)).text
    answer = browser(ada).post(copy_url(delivery), SUBMITTED, follow=True)

    assert copy_url(delivery) in offered
    assert published == [
        ("emails.send_test_mail", ("delivery", delivery.pk, "ada@staff.example"), {})
    ]
    assert answer.redirect_chain == [(page_of(delivery), 302)]
    assert "A copy is on its way" in answer.text
    assert LogEntry.objects.values_list("user", "object_id", "change_message").get() == (
        ada.pk,
        str(delivery.pk),
        "A copy is on its way to whoever asked for it.",
    )


@pytest.mark.django_db(transaction=True)
def test_nobody_else_can_be_sent_a_copy_and_a_look_at_the_dialog_sends_none(published):
    delivery = SentDeliveryFactory(subscription__user__email="mira@example.org")
    ada = person(Role.ADMIN, email="ada@staff.example")
    another = {"recipient": "eve@example.org", "address": "eve@example.org", "by": "1"}

    browser(ada).get(copy_url(delivery))
    browser(ada).get(copy_url(delivery), SUBMITTED)
    assert published == []
    browser(ada).post(copy_url(delivery), SUBMITTED | another)

    assert [arguments[2] for _, arguments, _ in published] == ["ada@staff.example"]


@pytest.mark.django_db(transaction=True)
def test_of_what_has_not_left_no_copy_is_offered_or_sent(published):
    planned = DeliveryFactory()
    ada = admin_browser()

    offered = ada.get(page_of(planned)).text
    answer = ada.post(copy_url(planned), SUBMITTED, follow=True)

    assert copy_url(planned) not in offered
    assert "It has not left." in answer.text
    assert published == []
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_curator_gets_no_copy(published):
    delivery = SentDeliveryFactory()
    curator = curator_browser()

    offered = curator.get(page_of(delivery)).text
    answer = curator.post(copy_url(delivery), SUBMITTED)

    assert copy_url(delivery) not in offered
    assert (answer.status_code, published) == (403, [])
