"""An authenticator app for tests: shows the codes of a device, each once."""

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import User
from apps.accounts.services import begin_enrolment, confirm_enrolment


def code_of(device: TOTPDevice, *, steps_ahead: int = 0) -> str:
    """What the app shows now, or that many half minutes later: each code counts once."""
    return f"{totp(device.bin_key, drift=steps_ahead):06d}"


def wrong_code(device: TOTPDevice) -> str:
    """Six digits that no step near the present has."""
    near = {code_of(device, steps_ahead=step) for step in (-2, -1, 0, 1, 2)}
    return next(
        code
        for code in ("000000", "111111", "222222", "333333", "444444", "555555")
        if code not in near
    )


def enrol(user: User) -> tuple[TOTPDevice, list[str]]:
    """Set up a second factor for somebody; the device and the recovery codes."""
    device = begin_enrolment(user=user)
    device, codes = confirm_enrolment(user=user, code=code_of(device, steps_ahead=-1))
    user.refresh_from_db()
    return device, codes
