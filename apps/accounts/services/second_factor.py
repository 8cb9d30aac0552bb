"""The second factor of staff: an authenticator app, and recovery codes for when it is lost.

django-otp keeps the devices, judges codes and slows guessing down; a code works once.
"""

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django_otp import user_has_device
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts import lockout, sessions
from apps.accounts.models import User
from apps.core.errors import AuthenticationError, InvalidInputError, NotFoundError

log = structlog.get_logger(__name__)

RECOVERY_CODE_COUNT = 10
_APP_CODE_LENGTH = 6
NEEDED = (
    "This account has a second factor: send the code that your authenticator app shows, or one of"
    " your recovery codes, as `otp`. A code works once."
)


def has_second_factor(user: User) -> bool:
    """Whether codes are asked of them besides the password."""
    return bool(user_has_device(user))


def prove_second_factor(*, user: User, code: str, request: HttpRequest) -> Device:
    """The device that shows this code.

    AuthenticationError `otp_required` when none does; that counts as a failed sign-in.
    """
    device = _match(user, code)
    if device is None:
        if code:
            lockout.report_failure(request, user.email)
        raise AuthenticationError(NEEDED, code="otp_required")
    return device


def begin_enrolment(*, user: User) -> TOTPDevice:
    """The authenticator app that waits for its first code; the same one until then."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    return waiting or TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


def confirm_enrolment(*, user: User, code: str) -> tuple[TOTPDevice, list[str]]:
    """From now on this app's codes are asked for, in place of any earlier app's, and every session
    that did without ends.

    Returns the device, and new recovery codes. InvalidInputError `wrong_code`.
    """
    # Outside of the transaction, so that a wrong code is remembered and slows the next one down.
    device = begin_enrolment(user=user)
    if not _verify(TOTPDevice.objects.filter(pk=device.pk), _plain(code)):
        raise InvalidInputError(
            "This is not the code that the app shows now.", code="wrong_code", field="code"
        )
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        device.refresh_from_db()
        codes = renew_recovery_codes(user=user)
        sessions.end_all(user=user)
    log.info("second_factor_set_up", user=user.pk)
    return device, codes


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """New recovery codes in place of all earlier ones; nobody can read them afterwards."""
    # The device stays: whoever signed in with one of its codes is signed in by it.
    device, _ = StaticDevice.objects.get_or_create(
        user=user, defaults={"name": "recovery codes", "confirmed": True}
    )
    StaticToken.objects.filter(device=device).delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODE_COUNT)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    log.info("recovery_codes_renewed", user=user.pk)
    return codes


def recovery_codes_left(user: User) -> int:
    """How many recovery codes have not been used."""
    count: int = StaticToken.objects.filter(device__user=user).count()
    return count


def remove_second_factor(*, user_id: int, by: User | None) -> None:
    """Ask for the password alone again, if the settings allow that; every session ends.

    NotFoundError.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFoundError("There is no such person.")
    with transaction.atomic():
        forget_devices(user)
        sessions.end_all(user=user)
    log.info("second_factor_removed", user=user.pk, by=by.pk if by else None)


def forget_devices(user: User) -> None:
    """Delete every device of somebody; for services that have their own reasons."""
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()


def is_second_factor_demanded() -> bool:
    """Whether the settings demand one of all staff."""
    return bool(settings.ADMIN_OTP_REQUIRED)


def is_second_factor_needed(user: User) -> bool:
    """Whether a sign-in to the admin must show one: it was set up, or the settings demand it."""
    return is_second_factor_demanded() or has_second_factor(user)


def _match(user: User, code: str) -> Device | None:
    plain = _plain(code)
    if not plain:
        return None
    is_of_app = plain.isascii() and plain.isdigit() and len(plain) == _APP_CODE_LENGTH
    # Each kind is slowed down by its own wrong codes only.
    model = TOTPDevice if is_of_app else StaticDevice
    return _verify(model.objects.filter(user=user, confirmed=True), plain)


def _verify(devices: object, code: str) -> Device | None:
    with transaction.atomic():
        for device in devices.select_for_update().order_by("pk"):  # type: ignore[attr-defined]  # otp has no types
            if device.verify_token(code):
                return device
    return None


def _plain(code: str) -> str:
    """As it was given out: people type spaces and dashes where they see a gap."""
    return "".join(code.split()).replace("-", "").lower()
