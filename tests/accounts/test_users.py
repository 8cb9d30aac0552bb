"""People, as admins see and change them."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from apps.accounts.models import User
from apps.accounts.services import change_role
from tests.api import (
    FORBIDDEN,
    METHOD_NOT_ALLOWED,
    NOT_AUTHENTICATED,
    Caller,
    invalid,
    pointers,
    problem,
)
from tests.factories import UserFactory

PATH = "/api/accounts/users/"
LAST = problem(409, "last_admin", "This is the last admin; make somebody else admin first.")

pytestmark = pytest.mark.django_db


def instant(value):
    return value.isoformat().replace("+00:00", "Z")


def emails(response):
    assert response.status_code == 200, response.content
    return [user["email"].partition("@")[0] for user in response.json()["results"]]


def test_the_newest_come_first(admin):
    user = UserFactory(email="ada@example.org", display_name="Ada")

    response = admin.get(PATH)

    assert response.status_code == 200
    assert response.json()["results"][0] == {
        "id": user.pk,
        "email": "ada@example.org",
        "display_name": "Ada",
        "role": "subscriber",
        "email_verified": True,
        "date_joined": instant(user.date_joined),
        "is_active": True,
    }
    assert response.json() | {"results": []} == {
        "count": 2,
        "next": None,
        "previous": None,
        "results": [],
    }


def test_one_person_can_be_read(admin):
    user = UserFactory()

    assert admin.get(f"{PATH}{user.pk}/").json()["id"] == user.pk


def test_filters_narrow_the_list(admin):
    UserFactory(email="sub@example.org", display_name="Grace")
    UserFactory(email="gone@example.org", is_active=False)
    change_role(user_id=UserFactory(email="cur@example.org").pk, role="curator", by=None)

    assert emails(admin.get(f"{PATH}?role=curator")) == ["cur"]
    assert emails(admin.get(f"{PATH}?role=curator&role=admin&ordering=email")) == ["admin", "cur"]
    assert emails(admin.get(f"{PATH}?is_active=false")) == ["gone"]
    assert emails(admin.get(f"{PATH}?search=GRACE")) == ["sub"]
    assert emails(admin.get(f"{PATH}?search=Gone@")) == ["gone"]
    assert emails(admin.get(f"{PATH}?ordering=-email&is_active=true")) == ["sub", "cur", "admin"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ordering=password", {"/ordering": "invalid_choice"}),
        ("ordering=email,password", {"/ordering": "invalid_choice"}),
        ("role=king", {"/role": "invalid_choice"}),
        ("is_active=maybe", {"/is_active": "invalid_choice"}),
        ("is_active=True", {"/is_active": "invalid_choice"}),
        ("password=x", {"/password": "unknown_parameter"}),
        ("email__contains=x", {"/email__contains": "unknown_parameter"}),
        ("search=" + "x" * 201, {"/search": "max_length"}),
        ("page=abc", {"/page": "invalid"}),
        ("page=-1", {"/page": "invalid"}),
        ("page=0", {"/page": "invalid"}),
        ("page=last", {"/page": "invalid"}),
        ("page=1&page=2", {"/page": "repeated_parameter"}),
        ("page_size=0", {"/page_size": "invalid"}),
        ("page_size=abc", {"/page_size": "invalid"}),
        ("page_size=1.5", {"/page_size": "invalid"}),
    ],
)
def test_a_bad_query_is_named(admin, query, expected):
    assert pointers(admin.get(f"{PATH}?{query}")) == expected


@pytest.mark.parametrize("page", ["2", "1" + "0" * 22, "9" * 5000])
def test_a_page_past_the_end_is_404(admin, page):
    response = admin.get(f"{PATH}?page={page}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_pages_are_linked(admin):
    UserFactory.create_batch(2)

    first = admin.get(f"{PATH}?page_size=2").json()
    second = admin.get(first["next"]).json()

    assert first["next"] == "http://testserver/api/accounts/users/?page=2&page_size=2"
    assert (first["count"], len(first["results"]), first["previous"]) == (3, 2, None)
    assert (len(second["results"]), second["next"]) == (1, None)
    assert second["previous"] == "http://testserver/api/accounts/users/?page_size=2"


def test_no_page_has_more_than_a_hundred(admin):
    UserFactory.create_batch(100)

    assert len(admin.get(f"{PATH}?page_size=1000000000").json()["results"]) == 100


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(admin, django_assert_num_queries, count):
    UserFactory.create_batch(count - 1)

    with django_assert_num_queries(3):
        admin.get(PATH)


def test_an_admin_makes_curators_and_back(admin):
    user = UserFactory()
    path = f"{PATH}{user.pk}/"

    assert admin.patch(path, {"role": "curator"}).json()["role"] == "curator"
    user = User.objects.get(pk=user.pk)
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert list(user.groups.all()) == [Group.objects.get(name="Curators")]
    assert admin.patch(path, {"role": "subscriber"}).json()["role"] == "subscriber"
    assert not User.objects.get(pk=user.pk).groups.exists()


def test_deactivating_ends_every_session(admin):
    caller = Caller(UserFactory())

    response = admin.patch(f"{PATH}{caller.user.pk}/", {"is_active": False})

    assert response.json()["is_active"] is False
    assert caller.get("/api/accounts/me/").status_code == 401


@pytest.mark.parametrize(
    "change", [{"role": "subscriber"}, {"role": "curator"}, {"is_active": False}]
)
def test_the_last_admin_stays(admin, change):
    UserFactory(is_staff=True, is_superuser=True, is_active=False)

    response = admin.patch(f"{PATH}{admin.user.pk}/", change)

    assert (response.status_code, response.json()) == (409, LAST)


def test_one_of_two_admins_may_go(admin):
    other = UserFactory(is_staff=True, is_superuser=True)

    assert admin.patch(f"{PATH}{other.pk}/", {"role": "subscriber"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"role": "king"}, {"/role": "invalid_choice"}),
        ({"is_active": "no"}, {"/is_active": "invalid"}),
        ({"is_superuser": True}, {"/is_superuser": "unknown_field"}),
        ({"email": "x@example.org"}, {"/email": "unknown_field"}),
    ],
)
def test_bad_fields_are_named(admin, body, expected):
    user = UserFactory()

    assert pointers(admin.patch(f"{PATH}{user.pk}/", body)) == expected


@pytest.mark.parametrize("pk", ["0", "9" * 30])
def test_nobody_is_404(admin, pk):
    missing = problem(404, "not_found", "There is no such person.")

    assert admin.get(f"{PATH}{pk}/").status_code == 404
    assert admin.patch(f"{PATH}{pk}/", {"is_active": True}).json() == missing


def test_an_id_that_is_no_number_is_404(admin):
    assert admin.get(f"{PATH}ada/").status_code == 404


def test_only_admins_may(api, signed_in, curator):
    path = f"{PATH}{signed_in.user.pk}/"

    assert (api.get(PATH).json(), api.get(path).json()) == (NOT_AUTHENTICATED, NOT_AUTHENTICATED)
    for caller in (signed_in, curator):
        assert caller.get(PATH).json() == FORBIDDEN
        assert caller.get(path).json() == FORBIDDEN
        assert caller.patch(path, {"role": "admin"}).json() == FORBIDDEN
    assert User.objects.get(pk=signed_in.user.pk).role == "subscriber"


def test_posting_and_deleting_are_405(admin):
    assert admin.post(PATH, {}).json() == METHOD_NOT_ALLOWED
    assert admin.delete(f"{PATH}{admin.user.pk}/").json() == METHOD_NOT_ALLOWED


def test_a_body_that_is_no_object_is_refused(admin):
    response = admin.generic(
        "PATCH", f"{PATH}{admin.user.pk}/", b"[]", content_type="application/json"
    )

    assert response.json() == invalid(("", "invalid", "A JSON object is expected."))


@pytest.mark.django_db(transaction=True)
def test_two_admins_cannot_demote_each_other_at_the_same_moment():
    admins = [UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]
    callers = [Caller(admin) for admin in admins]
    barrier, statuses = threading.Barrier(2), []

    def demote(caller, other):
        barrier.wait()
        response = caller.patch(f"{PATH}{other.pk}/", {"role": "subscriber"})
        statuses.append(response.status_code)
        connection.close()

    threads = [
        threading.Thread(target=demote, args=(callers[0], admins[1])),
        threading.Thread(target=demote, args=(callers[1], admins[0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # The slower one is a conflict, or forbidden when it was read after the faster one had
    # committed.
    assert sorted(statuses)[0] == 200
    assert sorted(statuses)[1] in (401, 403, 409)
    assert User.objects.filter(is_superuser=True).count() == 1
