import threading

import pytest
from django.db import connection

from apps.accounts.models import User
from tests.accounts.mailbox import context_of, token_of, waiting
from tests.api import METHOD_NOT_ALLOWED, Caller, invalid, pointers
from tests.factories import UserFactory

PATH = "/api/accounts/register/"
BODY = {
    "email": "ada@example.org",
    "password": "correct horse battery staple",
    "display_name": "Ada",
    "timezone": "Europe/London",
}
ANSWER = {"detail": "Look into your mailbox: a mail that says how to go on is on its way."}

pytestmark = pytest.mark.django_db


def test_an_unknown_address_becomes_an_unverified_person_and_gets_a_link(api):
    response = api.post(PATH, BODY)

    assert (response.status_code, response.json()) == (202, ANSWER)
    user = User.objects.get()
    assert (user.email, user.display_name, user.initial_timezone, user.is_email_verified) == (
        "ada@example.org",
        "Ada",
        "Europe/London",
        False,
    )
    assert user.check_password(BODY["password"])
    assert waiting() == [("verify_email", "ada@example.org")]
    assert context_of("verify_email")["expires_text"] == "3 days"


def test_the_answer_is_the_same_bytes_whoever_has_the_address(api):
    UserFactory(email="verified@example.org")
    UserFactory(email="unverified@example.org", email_verified_at=None)
    UserFactory(email="deactivated@example.org", is_active=False)

    answers = {
        (response.status_code, response.content)
        for name in ("verified", "unverified", "deactivated", "unknown")
        for response in [api.post(PATH, {**BODY, "email": f"{name}@example.org"})]
    }

    assert len(answers) == 1


def test_the_owner_of_a_known_address_is_told_and_nothing_changes(api):
    user = UserFactory(email="ada@example.org", display_name="Owner")
    before = user.password

    api.post(PATH, BODY)

    user.refresh_from_db()
    assert (user.password, user.display_name) == (before, "Owner")
    assert waiting() == [("address_registered", "ada@example.org")]
    assert context_of("address_registered")["link"].startswith(
        "https://challenge.example/reset-password/#"
    )


def test_a_deactivated_person_is_neither_changed_nor_written_to(api):
    UserFactory(email="ada@example.org", is_active=False)

    api.post(PATH, BODY)

    assert waiting() == []


def test_again_while_unverified_replaces_password_and_name_and_kills_older_links(api):
    api.post(PATH, BODY)
    old_token = token_of("verify_email")

    api.post(PATH, {**BODY, "password": "another long pass phrase", "display_name": "Ada L."})

    user = User.objects.get()
    assert user.display_name == "Ada L."
    assert user.check_password("another long pass phrase")
    verify = "/api/accounts/verify-email/"
    assert api.post(verify, {"token": old_token}).json()["code"] == "invalid_token"
    assert api.post(verify, {"token": token_of("verify_email")}).status_code == 200


@pytest.mark.parametrize("spelled", ["ADA@Example.org", "ａｄａ@example.org", " ada@example.org "])
def test_another_spelling_is_the_same_address(api, spelled):
    UserFactory(email="ada@example.org")

    api.post(PATH, {**BODY, "email": spelled})

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"email": "a@x.com\r\nBcc: v@y.com"}, {"/email": "invalid"}),
        ({"email": "a@x.com,b@y.com"}, {"/email": "invalid"}),
        ({"email": "a@x"}, {"/email": "invalid"}),
        ({"email": "a@localhost"}, {"/email": "invalid"}),
        ({"email": "a@[127.0.0.1]"}, {"/email": "invalid"}),
        ({"email": "a\u2028b@x.com"}, {"/email": "invalid"}),
        ({"email": "a" * 250 + "@x.com"}, {"/email": "max_length"}),
        ({"email": ""}, {"/email": "blank"}),
        ({"email": 7}, {"/email": "invalid"}),
        ({"password": "short"}, {"/password": "password_too_short"}),
        ({"password": "1234567890123"}, {"/password": "password_too_common"}),
        ({"password": "ada@example.org"}, {"/password": "password_too_similar"}),
        ({"password": "x" * 200_000}, {"/password": "max_length"}),
        ({"password": None}, {"/password": "null"}),
        ({"display_name": "a\u202eb"}, {"/display_name": "invisible_character"}),
        ({"display_name": "a" * 81}, {"/display_name": "max_length"}),
        ({"timezone": "GMT+5"}, {"/timezone": "unknown_timezone"}),
        ({"timezone": "utc"}, {"/timezone": "unknown_timezone"}),
        ({"timezone": "../../etc/passwd"}, {"/timezone": "unknown_timezone"}),
        ({"timezone": "Europe/London\n"}, {"/timezone": "unknown_timezone"}),
        ({"is_staff": True}, {"/is_staff": "unknown_field"}),
        ({"role": "admin"}, {"/role": "unknown_field"}),
    ],
)
def test_bad_fields_are_named_and_nobody_is_made(api, change, expected):
    response = api.post(PATH, {**BODY, **change})

    assert pointers(response) == expected
    assert not User.objects.exists()
    assert waiting() == []


def test_an_empty_body_names_both_required_fields(api):
    response = api.post(PATH, {})

    assert response.json() == invalid(
        ("/email", "required", "This field is required."),
        ("/password", "required", "This field is required."),
    )


def test_a_dead_access_token_does_not_stand_in_the_way(api):
    assert api.bearer("dead").post(PATH, BODY).status_code == 202


def test_five_a_minute_from_one_place(api):
    statuses = [
        api.post(PATH, {**BODY, "email": f"user{n}@example.org"}).status_code for n in range(6)
    ]

    assert statuses == [202] * 5 + [429]


def test_five_a_minute_for_one_address_from_wherever():
    statuses = [Caller().post(PATH, BODY, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(6)]

    assert statuses == [202] * 5 + [429]
    assert len(waiting()) == 5


def test_getting_it_is_405(api):
    response = api.get(PATH)

    assert (response.status_code, response.json()) == (405, METHOD_NOT_ALLOWED)


@pytest.mark.django_db(transaction=True)
def test_the_same_address_at_the_same_moment_makes_one_person():
    barrier, statuses = threading.Barrier(4), []

    def register():
        barrier.wait()
        statuses.append(Caller().post(PATH, BODY).status_code)
        connection.close()

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [202] * 4
    assert User.objects.count() == 1
