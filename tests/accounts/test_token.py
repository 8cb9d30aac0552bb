"""Signing in, and what an access token must be to count."""

import threading
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import caches
from django.db import connection

from apps.accounts import sessions
from apps.accounts.models import TokenFamily, User
from tests.accounts.mailbox import waiting
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import UserFactory

PATH = "/api/accounts/token/"
ME = "/api/accounts/me/"
PASSWORD = "correct horse battery"
BODY = {"email": "ada@example.org", "password": PASSWORD}
FAILED = problem(
    401,
    "sign_in_failed",
    "The address and the password do not belong together, or the address is not verified yet;"
    " if it is not, a new link is on its way.",
)
REFUSED = problem(401, "authentication_failed", "The access token is not valid or has expired.")

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return UserFactory(email="ada@example.org")


def test_the_right_pair_is_exchanged_for_tokens(api, ada):
    response = api.post(PATH, BODY)

    assert response.status_code == 200
    assert response.json().keys() == {"access", "refresh"}
    assert api.bearer(response.json()["access"]).get(ME).json()["id"] == ada.pk


def test_the_address_may_be_spelled_as_one_likes(api, ada):
    assert api.post(PATH, {**BODY, "email": " ＡDA@Example.org"}).status_code == 200


def test_tokens_claim_ids_only(api, ada):
    pair = api.post(PATH, BODY).json()
    family = TokenFamily.objects.get()

    access = jwt.decode(pair["access"], options={"verify_signature": False})
    refresh = jwt.decode(pair["refresh"], options={"verify_signature": False})

    assert access | {"jti": "", "iat": 0} == {
        "token_type": "access",
        "user_id": str(ada.pk),
        "fam": str(family.pk),
        "ver": 0,
        "iss": "https://challenge.example",
        "aud": "daily-challenge-api",
        "exp": access["exp"],
        "jti": "",
        "iat": 0,
    }
    assert access["exp"] - access["iat"] == 600
    assert refresh["exp"] - refresh["iat"] == 14 * 86400


def test_every_failure_is_the_same_bytes(api, ada):
    UserFactory(email="unverified@example.org", email_verified_at=None)
    UserFactory(email="deactivated@example.org", is_active=False)
    tries = [
        {**BODY, "password": "wrong"},
        {**BODY, "email": "unknown@example.org"},
        {**BODY, "email": "unverified@example.org"},
        {**BODY, "email": "unverified@example.org", "password": "wrong"},
        {**BODY, "email": "deactivated@example.org"},
    ]

    responses = [api.post(PATH, body) for body in tries]

    assert {response.status_code for response in responses} == {401}
    assert {response["WWW-Authenticate"] for response in responses} == {"Bearer"}
    assert len({response.content for response in responses}) == 1
    assert responses[0].json() == FAILED


@pytest.mark.django_db(transaction=True)
def test_an_unverified_person_with_the_right_pair_gets_one_new_link_in_ten_minutes(api):
    UserFactory(email="ada@example.org", email_verified_at=None)
    now = datetime(2027, 5, 5, 8, tzinfo=UTC)

    for minutes in (0, 2, 9):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            api.post(PATH, BODY)
    assert waiting() == [("verify_email", "ada@example.org")]
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        api.post(PATH, {**BODY, "password": "wrong"})
        api.post(PATH, BODY)

    assert waiting() == [("verify_email", "ada@example.org")] * 2


def test_an_unknown_address_costs_a_hash_too(api, ada, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )

    api.post(PATH, {**BODY, "email": "unknown@example.org"})
    api.post(PATH, {**BODY, "password": "wrong"})

    assert hashed == [PASSWORD, "wrong"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"password": "x" * 200_000}, {"/password": "max_length"}),
        ({"password": 7}, {"/password": "invalid"}),
        ({"email": "nonsense"}, {"/email": "invalid"}),
        ({"remember": True}, {"/remember": "unknown_field"}),
    ],
)
def test_bad_fields_are_named(api, change, expected):
    assert pointers(api.post(PATH, {**BODY, **change})) == expected


def test_getting_it_is_405(api):
    assert api.get(PATH).json() == METHOD_NOT_ALLOWED


def test_ten_a_minute_from_one_place(api):
    statuses = [
        api.post(PATH, {**BODY, "email": f"user{n}@example.org"}).status_code for n in range(11)
    ]

    assert statuses == [401] * 10 + [429]


def test_five_a_minute_for_one_address_known_or_not():
    for email in ("ada@example.org", "unknown@example.org"):
        responses = [
            Caller().post(PATH, {**BODY, "email": email}, REMOTE_ADDR=f"192.0.2.{n}")
            for n in range(6)
        ]

        assert [response.status_code for response in responses] == [401] * 5 + [429]
        assert 1 <= int(responses[-1]["Retry-After"]) <= 61


def test_a_minute_later_the_address_may_try_again(ada):
    now = datetime(2027, 5, 5, 8, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        for n in range(6):
            Caller().post(PATH, BODY, REMOTE_ADDR=f"192.0.2.{n}")

    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        assert Caller().post(PATH, BODY, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("redis", ["with Redis", "without Redis"])
def test_of_parallel_sign_ins_five_reach_the_hasher(monkeypatch, settings, redis):
    UserFactory(email="ada@example.org")
    if redis == "without Redis":
        settings.CACHES = {
            "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/1"}
        }
        caches["default"].get("wake")
    hashed, statuses = [], []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )

    def sign_in(number):
        response = Caller().post(
            PATH, {**BODY, "password": "wrong"}, REMOTE_ADDR=f"198.51.100.{number}"
        )
        statuses.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=sign_in, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [401] * 5 + [429] * 35
    assert hashed == ["wrong"] * 5


def claims(user, **changes):
    family = TokenFamily.objects.create(
        user=user,
        started_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=30),
    )
    now = int(datetime.now(UTC).timestamp())
    found = {
        "token_type": "access",
        "user_id": str(user.pk),
        "fam": str(family.pk),
        "ver": 0,
        "iss": "https://challenge.example",
        "aud": "daily-challenge-api",
        "jti": "a" * 32,
        "iat": now,
        "exp": now + 600,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def signed(payload, key=None, algorithm="HS256"):
    return jwt.encode(payload, key or django_settings.JWT_SIGNING_KEY, algorithm=algorithm)


def test_a_token_with_our_claims_and_key_counts(api, ada):
    assert api.bearer(signed(claims(ada))).get(ME).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"token_type": "refresh"},
        {"token_type": None},
        {"user_id": "not a number"},
        {"user_id": None},
        {"user_id": "0"},
        {"user_id": "9" * 40},
        {"user_id": ["1"]},
        {"fam": "not a uuid"},
        {"fam": None},
        {"fam": 7},
        {"fam": "00000000-0000-0000-0000-000000000000"},
        {"ver": None},
        {"ver": "x"},
        {"ver": 1},
        {"ver": 2**70},
        {"jti": None},
        {"iat": 99999999999},
    ],
)
def test_a_signed_token_with_any_other_claim_is_refused(api, ada, changes):
    response = api.bearer(signed(claims(ada, **changes))).get(ME)

    assert (response.status_code, response.json()) == (401, REFUSED)


def test_another_key_or_algorithm_is_refused(api, ada):
    payload = claims(ada)
    tokens = [
        signed(payload, key="another-key-" + "k" * 50),
        signed(payload, algorithm="HS512"),
        jwt.encode(payload, None, algorithm="none"),
    ]

    assert [api.bearer(token).get(ME).json() for token in tokens] == [REFUSED] * 3


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "..",
        "é.ü.ö",
        "a b",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_nonsense_is_refused(api, ada, token):
    assert api.bearer(token).get(ME).json() == REFUSED


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Token abc"])
def test_another_scheme_is_nobody(api, header):
    response = api.get(ME, HTTP_AUTHORIZATION=header)

    assert response.json() == NOT_AUTHENTICATED
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_scheme_has_no_letter_case(api, ada):
    access = sessions.begin(user=ada).access

    assert api.get(ME, HTTP_AUTHORIZATION=f"bearer {access}").status_code == 200


def test_a_refresh_token_is_no_access_token(api, ada):
    assert api.bearer(sessions.begin(user=ada).refresh).get(ME).json() == REFUSED


def test_a_deactivated_or_deleted_person_is_refused_at_once(ada):
    caller = Caller(ada)
    User.objects.update(is_active=False)
    assert caller.get(ME).json() == REFUSED
    User.objects.all().delete()
    assert caller.get(ME).json() == REFUSED


def test_reading_a_token_is_one_query(signed_in, django_assert_num_queries):
    with django_assert_num_queries(1):
        signed_in.get(ME)
