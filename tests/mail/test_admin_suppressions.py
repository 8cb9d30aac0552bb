import pytest
from django.urls import reverse

from apps.mail.message import address_digest
from apps.mail.models import Suppression
from apps.mail.services import suppress
from tests.staff import admin_browser, curator_browser, queries_of

LIST = reverse("admin:mail_suppression_changelist")
ADD = reverse("admin:mail_suppression_add")

pytestmark = pytest.mark.django_db


def delete_url(row: Suppression) -> str:
    return reverse("admin:mail_suppression_delete", args=[row.pk])


def test_an_admin_adds_an_address_and_only_its_hash_is_kept():
    answer = admin_browser().post(ADD, {"address": "Gone@Example.org"}, follow=True)

    row = Suppression.objects.get()
    assert (row.digest, row.kind) == (address_digest("gone@example.org"), "manual")
    assert answer.redirect_chain == [(LIST, 302)]
    assert "gone@" not in answer.text.lower()


@pytest.mark.parametrize("address", ["", "no address", "gone@example.org"])
def test_what_is_no_address_or_is_there_already_is_refused(address):
    suppress(address="gone@example.org", kind="bounce")

    page = admin_browser().post(ADD, {"address": address})

    assert page.status_code == 200
    assert list(Suppression.objects.values_list("kind", flat=True)) == ["bounce"]


@pytest.mark.parametrize("query", ["GONE@example.org", address_digest("gone@example.org")])
def test_a_row_is_found_by_the_whole_address_or_its_hash(query):
    row = suppress(address="gone@example.org", kind="bounce")
    suppress(address="other@example.org", kind="bounce")

    page = admin_browser().get(LIST, {"q": query})

    assert list(page.context["cl"].result_list) == [row]


def test_a_bounce_can_be_lifted_and_a_complaint_never():
    bounce = suppress(address="gone@example.org", kind="bounce")
    complaint = suppress(address="angry@example.org", kind="complaint")
    admin = admin_browser()

    statuses = [
        admin.post(delete_url(row), {"post": "yes"}).status_code for row in (bounce, complaint)
    ]
    admin.post(
        LIST, {"action": "delete_selected", "_selected_action": [complaint.pk], "post": "yes"}
    )

    assert statuses == [302, 403]
    assert list(Suppression.objects.all()) == [complaint]


def test_curators_see_nothing_of_it():
    row = suppress(address="gone@example.org", kind="bounce")
    curator = curator_browser()

    assert [curator.get(url).status_code for url in (LIST, ADD, delete_url(row))] == [403] * 3


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one():
    admin = admin_browser()
    suppress(address="1@example.org", kind="bounce")
    for_one = queries_of(admin, LIST)
    suppress(address="2@example.org", kind="bounce")
    suppress(address="3@example.org", kind="bounce")

    assert queries_of(admin, LIST) == for_one
