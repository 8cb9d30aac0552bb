"""The second factor at the API's door, and what staff may do without one."""

import pytest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import Role, TokenFamily
from apps.accounts.services import change_role, change_user, remove_second_factor
from tests.accounts.authenticator import code_of, enrol, wrong_code
from tests.api import FORBIDDEN, Caller, pointers, problem
from tests.staff import person

PATH = "/api/accounts/token/"
ME = "/api/accounts/me/"
USERS = "/api/accounts/users/"
PASSWORD = "correct horse battery"
BODY = {"email": "ada@example.org", "password": PASSWORD}
NEEDED = problem(
    401,
    "otp_required",
    "This account has a second factor: send the code that your authenticator app shows, or one of"
    " your recovery codes, as `otp`. A code works once.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": (10_000, 60)}
    settings.ACCOUNT_LIMITS = {"sign_in": (10_000, 60), "mail": (10_000, 60)}


@pytest.fixture
def ada():
    return person(Role.ADMIN, email="ada@example.org")


def sign_in(**fields):
    return Caller().post(PATH, {**BODY, **fields})


def test_the_right_pair_alone_is_told_what_is_missing(ada):
    enrol(ada)

    response = sign_in()

    assert (response.status_code, response.json()) == (401, NEEDED)
    assert response["WWW-Authenticate"] == "Bearer"
    assert not TokenFamily.objects.exists()


def test_nothing_is_said_of_it_to_whoever_has_not_the_password(ada):
    device, _ = enrol(ada)

    right_code = sign_in(password="wrong", otp=code_of(device))
    unknown = sign_in(email="unknown@example.org", otp="123456")

    assert right_code.json()["code"] == "sign_in_failed"
    assert right_code.content == unknown.content


def test_a_code_signs_in_once(ada):
    device, _ = enrol(ada)

    first = sign_in(otp=code_of(device))
    again = sign_in(otp=code_of(device))

    assert (first.status_code, again.status_code) == (200, 401)
    assert Caller().bearer(first.json()["access"]).get(USERS).status_code == 200
    assert TokenFamily.objects.get().has_second_factor


def test_a_recovery_code_signs_in_once_however_it_is_typed(ada):
    _, codes = enrol(ada)

    first = sign_in(otp=f" {codes[0][:4].upper()}-{codes[0][4:]} ")
    again = sign_in(otp=codes[0])

    assert (first.status_code, again.status_code) == (200, 401)


def test_a_wrong_code_counts_as_a_failed_sign_in_and_none_does_not(ada):
    device, codes = enrol(ada)

    failures = [sign_in(otp=wrong_code(device)).json() for _ in range(10)]
    closed = sign_in(otp=codes[0])

    assert failures == [NEEDED] * 10
    assert closed.status_code == 429


def test_asking_without_a_code_closes_no_door(ada):
    device, _ = enrol(ada)

    for _ in range(11):
        sign_in()

    assert sign_in(otp=code_of(device)).status_code == 200


@pytest.mark.parametrize(
    ("otp", "code"),
    [("", "blank"), (123456, "invalid"), (None, "null"), ("1" * 33, "max_length")],
)
def test_what_is_no_code_is_refused(ada, otp, code):
    assert pointers(sign_in(otp=otp)) == {"/otp": code}


@pytest.mark.parametrize("otp", ["١٢٣٤٥٦", "-1", "1e5", "     1", "ſ" * 8, "²²²²²²"])
def test_odd_digits_are_a_wrong_code(ada, otp):
    enrol(ada)

    assert sign_in(otp=otp).json() == NEEDED


def test_a_code_of_somebody_without_a_device_is_not_looked_at(ada):
    assert sign_in(otp="123456").status_code == 200


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CURATOR])
def test_where_it_is_demanded_staff_without_a_device_are_subscribers(settings, ada, role):
    mira = person(role, email="mira@example.org")
    before = Caller(mira)
    settings.ADMIN_OTP_REQUIRED = True

    signed_in = Caller().bearer(sign_in(email="mira@example.org").json()["access"])

    for caller in (before, signed_in):
        assert caller.get(ME).json()["role"] == "subscriber"
        assert caller.get(USERS).json() == FORBIDDEN
        assert caller.post("/api/tags/", {"name": "X", "tag_type": "topic"}).json() == FORBIDDEN
        assert caller.get("/api/accounts/me/export/").status_code == 200
    assert mira.role == role


def test_where_it_is_demanded_an_admin_with_a_device_has_every_right(settings, ada):
    settings.ADMIN_OTP_REQUIRED = True
    device, _ = enrol(ada)

    pair = sign_in(otp=code_of(device)).json()
    renewed = Caller().post("/api/accounts/token/refresh/", {"refresh": pair["refresh"]}).json()

    for access in (pair["access"], renewed["access"]):
        assert Caller().bearer(access).get(ME).json()["role"] == "admin"
        assert Caller().bearer(access).get(USERS).status_code == 200


def test_setting_one_up_and_losing_it_end_every_session_that_did_without(ada):
    before = Caller(ada)
    enrol(ada)
    assert before.get(ME).status_code == 401

    after = Caller(ada)
    remove_second_factor(user_id=ada.pk, by=None)

    assert after.get(ME).status_code == 401
    assert sign_in().status_code == 200


def test_another_app_takes_the_place_of_the_first(ada):
    _, old_codes = enrol(ada)
    device, codes = enrol(ada)

    assert TOTPDevice.objects.get() == device
    assert StaticDevice.objects.get().token_set.count() == 10
    assert not set(old_codes) & set(codes)


def test_whoever_leaves_the_staff_or_is_erased_leaves_no_device(ada):
    mira = person(Role.CURATOR, email="mira@example.org")
    enrol(ada)
    enrol(mira)

    change_role(user_id=mira.pk, role=Role.SUBSCRIBER, by=ada)
    assert [device.user for device in TOTPDevice.objects.all()] == [ada]

    person(Role.ADMIN)
    Caller(ada).post("/api/accounts/me/erase/", {"current_password": PASSWORD})
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()


def test_the_export_tells_of_it_without_its_key(ada):
    device, codes = enrol(ada)

    content = Caller(ada).get("/api/accounts/me/export/").content.decode()

    assert '"second_factor":[{' in content
    assert device.key not in content
    assert not [code for code in codes if code in content]


def test_staying_curator_keeps_the_device(ada):
    enrol(ada)
    person(Role.ADMIN)

    change_user(user_id=ada.pk, role=Role.CURATOR, by=ada)

    assert TOTPDevice.objects.count() == 1
