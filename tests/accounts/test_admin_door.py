"""The door of the admin: password, second factor, and what stays shut in between."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import Role, User
from apps.accounts.services import remove_second_factor
from tests.accounts.authenticator import code_of, enrol, wrong_code
from tests.accounts.mailbox import waiting
from tests.api import Caller
from tests.factories import UserFactory
from tests.staff import browser, person

LOGIN, ASK = reverse("admin:login"), reverse("admin:second_factor")
SET_UP, MANAGE = reverse("admin:second_factor_set_up"), reverse("admin:second_factor_manage")
INDEX, CHANGE = reverse("admin:index"), reverse("admin:password_change")
PASSWORD = "correct horse battery"
NEW = "four words nobody"
ME = "/api/accounts/me/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def _roomy_limits(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10_000, 60)}
    settings.ACCOUNT_LIMITS = {"sign_in": (10_000, 60), "mail": (10_000, 60)}


@pytest.fixture
def ada():
    return person(Role.ADMIN, email="ada@example.org")


def signing_in(email="ada@example.org", password=PASSWORD, client=None, **query):
    client = client or Client()
    address = f"{LOGIN}?next={query['next']}" if query else LOGIN
    return client, client.post(address, {"username": email, "password": password})


def test_the_password_is_enough_where_nothing_more_was_set_up(ada):
    client, answer = signing_in(next="/admin/accounts/user/")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/accounts/user/")
    assert client.get(INDEX).status_code == 200


def test_every_failure_looks_the_same(ada):
    UserFactory(email="mira@example.org")
    UserFactory(email="gone@example.org", is_staff=True, is_active=False)
    tries = [
        ("ada@example.org", "wrong"),
        ("unknown@example.org", PASSWORD),
        ("mira@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
    ]

    pages = [signing_in(email, password)[1].content.decode() for email, password in tries]

    alike = {re.sub(r'value="[^"]*"', "", page) for page in pages}
    assert len(alike) == 1
    assert "do not belong together, or not to staff" in pages[0]


def test_where_it_is_demanded_every_page_leads_to_setting_it_up(settings, ada):
    settings.ADMIN_OTP_REQUIRED = True
    client, _ = signing_in()

    answers = {
        url: client.get(url, follow=True).redirect_chain[-1][0]
        for url in (INDEX, CHANGE, LOGIN, ASK, MANAGE, reverse("admin:accounts_user_changelist"))
    }

    assert {url: urlsplit(last).path for url, last in answers.items()} == dict.fromkeys(
        answers, SET_UP
    )


def test_setting_it_up_takes_the_code_of_the_picture_and_gives_recovery_codes(settings, ada):
    settings.ADMIN_OTP_REQUIRED = True
    elsewhere, api = signing_in()[0], Caller(ada)
    client, _ = signing_in()
    page = client.get(SET_UP, {"next": "/admin/accounts/user/"}).content.decode()
    link = re.search(r'href="(otpauth:[^"]+)"', page)[1].replace("&amp;", "&")

    device = TOTPDevice.objects.get()
    refused = client.post(SET_UP, {"code": wrong_code(device)})
    TOTPDevice.objects.update(throttling_failure_count=0)
    done = client.post(SET_UP, {"code": code_of(device), "next": "/admin/accounts/user/"})

    assert urlsplit(link).path == "/Daily%20Challenge%3Aada%40example.org"
    assert parse_qs(urlsplit(link).query)["secret"][0] in re.sub(
        r"(?<=[A-Z2-7]) (?=[A-Z2-7])", "", page
    )
    assert "<svg" in page
    assert "not the code that the app shows now" in refused.content.decode()
    assert len(re.findall(r"<code>[a-z2-7]{4} [a-z2-7]{4}</code>", done.content.decode())) == 10
    assert 'href="/admin/accounts/user/"' in done.content.decode()
    assert client.get(INDEX).status_code == 200
    assert elsewhere.get(INDEX).status_code == 302
    assert api.get(ME).status_code == 401


@pytest.mark.usefixtures("_roomy_limits")
def test_a_device_is_asked_for_after_the_password(ada):
    device, codes = enrol(ada)
    client, _ = signing_in()

    asked = client.get(reverse("admin:accounts_user_changelist"), follow=True)
    refused = client.post(ASK, {"code": wrong_code(device)})
    closed = client.get(INDEX).status_code
    passed = client.post(ASK, {"code": codes[0], "next": "/admin/accounts/user/"})

    assert urlsplit(asked.redirect_chain[-1][0]).path == ASK
    assert 'name="next" value="/admin/accounts/user/"' in asked.content.decode()
    assert "This code is not right" in refused.content.decode()
    assert closed == 302
    assert (passed.status_code, passed["Location"]) == (302, "/admin/accounts/user/")
    assert client.get(INDEX).status_code == 200
    assert client.get(ASK)["Location"] == INDEX


@pytest.mark.usefixtures("_roomy_limits")
def test_whoever_owes_a_code_can_neither_change_nor_replace_anything(ada):
    enrol(ada)
    client, _ = signing_in()

    tries = [
        client.post(SET_UP, {"code": "123456"}),
        client.post(MANAGE, {"remove": "yes"}),
        client.post(MANAGE, {"renew": "yes"}),
        client.post(CHANGE, {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}),
        client.get(reverse("admin:accounts_user_change", args=[ada.pk])),
    ]

    assert [answer.status_code for answer in tries] == [302] * 5
    assert TOTPDevice.objects.filter(user=ada, confirmed=True).count() == 1


@pytest.mark.usefixtures("_roomy_limits")
@pytest.mark.parametrize(
    "evil", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil"]
)
def test_nobody_is_led_to_another_site(ada, evil):
    _, codes = enrol(ada)
    client, answer = signing_in(next=evil)

    passed = client.post(ASK, {"code": codes[0], "next": evil})

    assert urlsplit(answer["Location"]).netloc == ""
    assert passed["Location"] == INDEX


@pytest.mark.usefixtures("_roomy_limits")
def test_guessing_codes_closes_the_door(ada):
    device, codes = enrol(ada)
    client, _ = signing_in()

    pages = [client.post(ASK, {"code": wrong_code(device)}).status_code for _ in range(10)]

    assert pages == [200] * 10
    assert client.post(ASK, {"code": codes[0]}).status_code == 429


def test_five_a_minute_for_one_address_and_none_of_the_rest_is_hashed(ada, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )

    pages = [signing_in(password="wrong")[1] for _ in range(6)]

    assert [page.status_code for page in pages] == [200] * 5 + [429]
    assert 1 <= int(pages[-1]["Retry-After"]) <= 61
    assert len(hashed) == 5


def test_a_huge_password_is_not_hashed(ada, monkeypatch):
    monkeypatch.setattr(MD5PasswordHasher, "encode", None)

    assert signing_in(password="x" * 200_000)[1].status_code == 200


@pytest.mark.usefixtures("_roomy_limits")
def test_it_is_looked_after_by_its_owner(settings, ada):
    _, codes = enrol(ada)
    client, _ = signing_in()
    client.post(ASK, {"code": codes[0]})

    shown = client.get(MANAGE).content.decode()
    renewed = client.post(MANAGE, {"renew": "yes"}).content.decode()
    settings.ADMIN_OTP_REQUIRED = True
    client.post(MANAGE, {"remove": "yes"})
    kept = TOTPDevice.objects.count()
    settings.ADMIN_OTP_REQUIRED = False
    client.post(MANAGE, {"remove": "yes"})

    assert "9 recovery codes left" in shown
    assert len(re.findall(r"<code>[a-z2-7]{4} [a-z2-7]{4}</code>", renewed)) == 10
    assert kept == 1
    assert not TOTPDevice.objects.exists()
    assert client.get(INDEX).status_code == 200


def test_an_admin_helps_whoever_lost_phone_and_codes(ada):
    mira = person(Role.CURATOR, email="mira@example.org")
    enrol(mira)
    url = reverse("admin:accounts_user_take_second_factor", args=[mira.pk])
    page = reverse("admin:accounts_user_change", args=[mira.pk])
    client = browser(ada)

    offered = client.get(page).content.decode()
    browser(person(Role.CURATOR)).post(url, {"_form_submitted": "on"})
    kept = TOTPDevice.objects.count()
    client.post(url, {"_form_submitted": "on"})

    assert url in offered
    assert kept == 1
    assert not TOTPDevice.objects.exists()
    assert (
        url
        not in client.get(reverse("admin:accounts_user_change", args=[mira.pk])).content.decode()
    )


def test_a_password_changed_here_is_told_and_ends_every_other_session(ada):
    here, _ = signing_in()
    elsewhere, api = browser(ada), Caller(ada)
    body = {
        "old_password": PASSWORD,
        "new_password1": "four words nobody",
        "new_password2": "four words nobody",
    }

    changed = here.post(CHANGE, body)

    assert changed.status_code == 302
    assert here.get(INDEX).status_code == 200
    assert elsewhere.get(INDEX).status_code == 302
    assert api.get(ME).status_code == 401
    assert waiting() == [("password_changed", "ada@example.org")]
    assert User.objects.get().check_password(NEW)


def test_the_present_password_is_not_guessed_here_either(ada):
    client, _ = signing_in()
    body = {
        "old_password": "wrong",
        "new_password1": "four words nobody",
        "new_password2": "four words nobody",
    }

    answers = [client.post(CHANGE, body) for _ in range(5)]

    assert "This is not your present password." in answers[0].content.decode()
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]


def test_signing_out_everywhere_ends_the_admin_too(ada):
    client = browser(ada)
    assert client.get(INDEX).status_code == 200

    Caller(ada).post("/api/accounts/token/revoke-all/")

    assert client.get(INDEX).status_code == 302


def test_keys_and_codes_of_others_are_shown_to_nobody(ada):
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert not {name for name in registered if name.startswith(("otp_", "axes."))}
    assert remove_second_factor(user_id=ada.pk, by=None) is None
