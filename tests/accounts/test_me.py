import pytest

from apps.accounts.models import User
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers
from tests.factories import UserFactory

PATH = "/api/accounts/me/"


def test_one_sees_oneself(signed_in):
    response = signed_in.get(PATH)

    assert response.status_code == 200
    assert response.json() == {
        "id": signed_in.user.pk,
        "email": "ada@example.org",
        "display_name": "Ada",
        "role": "subscriber",
        "email_verified": True,
        "date_joined": signed_in.user.date_joined.isoformat().replace("+00:00", "Z"),
    }


def test_roles_are_named(admin, curator):
    assert (admin.get(PATH).json()["role"], curator.get(PATH).json()["role"]) == (
        "admin",
        "curator",
    )


def test_one_may_change_ones_name(signed_in):
    response = signed_in.patch(PATH, {"display_name": "  Ada   Lovelace "})

    assert (response.status_code, response.json()["display_name"]) == (200, "Ada Lovelace")
    assert User.objects.get().display_name == "Ada Lovelace"


def test_an_empty_change_changes_nothing(signed_in):
    assert signed_in.patch(PATH, {}).json()["display_name"] == "Ada"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "x@example.org"}, {"/email": "unknown_field"}),
        ({"role": "admin"}, {"/role": "unknown_field"}),
        ({"is_staff": True, "id": 1}, {"/is_staff": "unknown_field", "/id": "unknown_field"}),
        ({"display_name": None}, {"/display_name": "null"}),
        ({"display_name": "a\u202eb"}, {"/display_name": "invisible_character"}),
        ({"display_name": "x" * 81}, {"/display_name": "max_length"}),
    ],
)
def test_nothing_else_may_be_changed(signed_in, body, expected):
    assert pointers(signed_in.patch(PATH, body)) == expected
    signed_in.user.refresh_from_db()
    assert (signed_in.user.display_name, signed_in.user.role) == ("Ada", "subscriber")


def test_an_unknown_parameter_is_refused(signed_in):
    assert pointers(signed_in.get(f"{PATH}?user=1")) == {"/user": "unknown_parameter"}


def test_nobody_is_401(api):
    assert (api.get(PATH).status_code, api.get(PATH).json()) == (401, NOT_AUTHENTICATED)


def test_putting_and_deleting_are_405(signed_in):
    assert signed_in.put(PATH, {}).json() == METHOD_NOT_ALLOWED
    assert signed_in.delete(PATH).json() == METHOD_NOT_ALLOWED


@pytest.mark.django_db
def test_two_people_do_not_see_each_other():
    first, second = Caller(UserFactory()), Caller(UserFactory())

    assert first.get(PATH).json()["id"] != second.get(PATH).json()["id"]
