"""Ten failed sign-ins close both doors to where they came from, for a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.test import Client
from django.urls import reverse

from apps.accounts import lockout
from apps.accounts.models import FailedSignIn, Role
from tests.api import Caller, problem
from tests.factories import UserFactory
from tests.staff import admin_browser, browser, curator_browser, person

API = "/api/accounts/token/"
ADMIN = "/admin/login/"
LIST = "/admin/accounts/failedsignin/"
PASSWORD = "correct horse battery"
NOW = datetime(2027, 5, 5, 8, tzinfo=UTC)
CLOSED = problem(
    429,
    "rate_limited",
    "Too many sign-ins have failed here. Wait a quarter of an hour, then try again.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_axes_counts(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10_000, 60)}
    settings.ACCOUNT_LIMITS = {"sign_in": (10_000, 60), "mail": (10_000, 60)}


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada():
    return person(Role.ADMIN, email="ada@example.org")


def at_api(email="ada@example.org", password="wrong", place="192.0.2.1"):
    return Caller().post(API, {"email": email, "password": password}, REMOTE_ADDR=place)


def at_admin(email="ada@example.org", password="wrong", place="192.0.2.1"):
    return Client().post(ADMIN, {"username": email, "password": password}, REMOTE_ADDR=place)


def test_ten_failures_at_either_door_close_both(ada, clock):
    failures = [at_api().status_code for _ in range(5)] + [at_admin().status_code for _ in range(5)]

    api, admin = at_api(password=PASSWORD), at_admin(password=PASSWORD)

    assert failures == [401] * 5 + [200] * 5
    assert (api.status_code, api.json()) == (429, CLOSED)
    assert (api["Content-Type"], api["Retry-After"]) == ("application/problem+json", "901")
    assert (admin.status_code, admin["Retry-After"]) == (429, "901")
    assert "It takes <strong>15 minutes</strong>" in admin.content.decode()
    assert at_admin(password=PASSWORD, place="192.0.2.2").status_code == 302
    assert at_api(password=PASSWORD, place="192.0.2.2").status_code == 200


def test_ten_failures_under_any_names_close_the_place_to_everybody(ada):
    for number in range(10):
        at_api(email=f"guess{number}@example.org")

    assert at_api(password=PASSWORD).status_code == 429
    assert at_admin(password=PASSWORD).status_code == 429


def test_spelling_an_address_otherwise_makes_no_new_measure(ada):
    for spelled in ("ada@example.org", "ADA@example.org", " ａda@example.org") * 4:
        at_api(email=spelled)

    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {"ada@example.org"}
    assert at_api(password=PASSWORD).status_code == 429


def test_a_quarter_of_an_hour_later_it_is_open_though_somebody_went_on_trying(ada, clock):
    for _ in range(10):
        at_api()
    clock.shift(timedelta(minutes=14))
    assert at_api(password=PASSWORD).status_code == 429

    clock.shift(timedelta(seconds=61))

    assert at_api(password=PASSWORD).status_code == 200


def test_a_success_forgives_ones_own_failures_and_no_others(ada):
    UserFactory(email="eve@example.org")
    for _ in range(4):
        at_api()
        at_api(email="eve@example.org")

    at_api(email="eve@example.org", password=PASSWORD)

    assert list(AccessAttempt.objects.values_list("username", "failures_since_start")) == [
        ("ada@example.org", 4)
    ]
    assert at_admin(password=PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_the_right_password_of_nobody_on_the_staff_counts_as_a_failure_of_the_admin(db):
    UserFactory(email="eve@example.org")

    pages = [at_admin(email="eve@example.org", password=PASSWORD) for _ in range(11)]

    assert [page.status_code for page in pages] == [200] * 10 + [429]


def test_an_unknown_place_is_a_place_too(ada, settings):
    for _ in range(10):
        at_api(place="")

    assert at_api(password=PASSWORD, place="").status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"0.0.0.0"}


def test_an_ipv6_network_is_one_place(ada):
    for number in range(10):
        at_api(place=f"2001:db8:1:2::{number + 1}")

    assert at_api(password=PASSWORD, place="2001:db8:1:2:ffff::1").status_code == 429
    assert at_api(password=PASSWORD, place="2001:db8:1:3::1").status_code == 200


def test_neither_passwords_nor_tokens_are_kept(ada):
    at_admin(password="hunter2hunter2")
    at_api(password="hunter2hunter2")

    kept = str(list(AccessAttempt.objects.values()))

    assert "hunter2" not in kept
    assert AccessAttempt.objects.get().failures_since_start == 2


def test_what_is_held_is_told_and_erased_with_the_person(db):
    caller = Caller(UserFactory(email="ada@example.org"))
    at_api()

    told = caller.get("/api/accounts/me/export/").json()["sections"]["account"]["doors"]
    caller.post("/api/accounts/me/erase/", {"current_password": PASSWORD})

    assert [row["ip_address"] for row in told["accessattempt"]] == ["192.0.2.1"]
    assert not AccessAttempt.objects.exists()


def test_records_go_after_thirty_days(ada, clock):
    at_api(email="old@example.org")
    at_admin(password=PASSWORD)
    clock.shift(timedelta(days=30, seconds=1))
    AccessLog.objects.create(username="new@example.org", ip_address="192.0.2.1")
    AccessFailureLog.objects.create(username="new@example.org", ip_address="192.0.2.1")

    pruned = lockout.prune_records()

    assert pruned == 2
    left = [model.objects.get().username for model in (AccessLog, AccessFailureLog)]
    assert left == ["new@example.org"] * 2
    assert not AccessAttempt.objects.exists()


def test_an_admin_sees_who_is_locked_out_and_opens_the_door(ada):
    for _ in range(10):
        at_api()
    row = FailedSignIn.objects.get()
    client = admin_browser()

    listed = client.get(LIST).content.decode()
    open_the_door = reverse("admin:accounts_failedsignin_open_the_door", args=[row.pk])
    client.post(open_the_door, {"_form_submitted": "on"})

    assert "ada@example.org" in listed
    assert "locked out" in listed
    assert at_api(password=PASSWORD).status_code == 200


def test_a_curator_and_a_stranger_see_no_failures(ada):
    at_api()

    assert curator_browser().get(LIST).status_code == 403
    assert browser().get(LIST).status_code == 302
