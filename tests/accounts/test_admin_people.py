import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from structlog.testing import capture_logs

from apps.accounts.models import Role, User
from tests.factories import UserFactory
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

LIST = reverse("admin:accounts_user_changelist")
SUBMITTED = {"_form_submitted": "on"}

pytestmark = pytest.mark.django_db


def url_of(user: User, page: str = "change") -> str:
    return reverse(f"admin:accounts_user_{page}", args=[user.pk])


def listed(**query: str) -> set[str]:
    page = admin_browser().get(LIST, query)
    return {user.email for user in page.context["cl"].result_list}


def test_people_are_for_admins_and_each_view_of_an_address_is_logged():
    mira = UserFactory(email="mira@example.org")
    ada = person(Role.ADMIN)

    with capture_logs() as logs:
        page = browser(ada).get(url_of(mira))

    seen = [entry for entry in logs if entry["event"] == "address_viewed"]
    assert [(entry["by"], entry["whose"]) for entry in seen] == [(ada.pk, [mira.pk])]
    assert "mira@example.org" in page.text
    assert [curator_browser().get(url).status_code for url in (LIST, url_of(mira))] == [403, 403]


def test_somebody_is_found_by_number_or_whole_address_alone():
    mira = UserFactory(email="mira@example.org", display_name="Mira")
    UserFactory(email="other@example.org")

    assert listed(q=str(mira.pk)) == {"mira@example.org"}
    assert listed(q="Mira@Example.org") == {"mira@example.org"}
    assert listed(q="mira") == set()


def test_the_filters_tell_roles_and_the_verified():
    UserFactory(email="subscriber@example.org")
    UserFactory(email="unverified@example.org", email_verified_at=None)
    person(Role.CURATOR, email="curator@example.org")

    assert listed(role="curator") == {"curator@example.org"}
    assert listed(role="subscriber") == {"subscriber@example.org", "unverified@example.org"}
    assert listed(verified="no") == {"unverified@example.org"}
    assert "unverified@example.org" not in listed(verified="yes")
    assert {"curator@example.org", "subscriber@example.org"} < listed(role="emperor")


def test_an_admin_changes_a_role_through_the_service():
    mira = UserFactory()

    admin_browser().post(url_of(mira, "give_role"), SUBMITTED | {"role": "curator"})

    mira.refresh_from_db()
    assert mira.role == Role.CURATOR
    assert list(mira.groups.values_list("name", flat=True)) == ["Curators"]
    assert LogEntry.objects.get().get_change_message() == "The role is Curator now."


def test_the_last_admin_is_kept_and_the_reason_told():
    ada = person(Role.ADMIN)
    last = browser(ada)

    demoted = last.post(url_of(ada, "give_role"), SUBMITTED | {"role": "curator"}, follow=True)
    locked_out = last.post(url_of(ada, "lock_out"), SUBMITTED, follow=True)

    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == (Role.ADMIN, True)
    for page in (demoted, locked_out):
        assert "This is the last admin" in page.text


def test_somebody_is_locked_out_and_let_in_again():
    mira = UserFactory()
    ada = admin_browser()

    ada.post(url_of(mira, "lock_out"), SUBMITTED)
    locked_out = User.objects.get(pk=mira.pk).is_active
    offered = ada.get(url_of(mira)).text
    ada.post(url_of(mira, "let_in"), SUBMITTED)

    assert (locked_out, User.objects.get(pk=mira.pk).is_active) == (False, True)
    assert url_of(mira, "let_in") in offered
    assert url_of(mira, "lock_out") not in offered


@pytest.mark.parametrize("action", ["give_role", "lock_out", "let_in"])
def test_a_curator_governs_nobody(action):
    mira = UserFactory()

    answer = curator_browser().post(url_of(mira, action), SUBMITTED | {"role": "admin"})

    mira.refresh_from_db()
    assert answer.status_code == 403
    assert (mira.role, mira.is_active) == (Role.SUBSCRIBER, True)


def test_nobody_edits_adds_or_deletes_a_person():
    mira = UserFactory(email="mira@example.org")
    ada = admin_browser()

    statuses = [
        ada.post(url_of(mira), {"email": "x@example.org", "is_superuser": "on"}).status_code,
        ada.get(reverse("admin:accounts_user_add")).status_code,
        ada.post(url_of(mira, "delete"), {"post": "yes"}).status_code,
    ]

    mira.refresh_from_db()
    assert statuses == [403, 403, 403]
    assert (mira.email, mira.role) == ("mira@example.org", Role.SUBSCRIBER)


def test_groups_and_tokens_are_not_shown_to_anybody():
    for model in (Group, OutstandingToken, BlacklistedToken):
        assert not admin.site.is_registered(model)


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one():
    ada = admin_browser()
    for_one = queries_of(ada, LIST)
    UserFactory.create_batch(2)

    assert queries_of(ada, LIST) == for_one
