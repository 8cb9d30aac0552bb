"""The door: an address and a password for a pair of tokens."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from apps.accounts import lockout, sessions
from apps.accounts.attempts import count_attempt
from apps.accounts.jwt import TokenPair
from apps.accounts.models import AttemptPurpose, User
from apps.accounts.services import second_factor
from apps.accounts.services.registration import remind_of_verification
from apps.core.client_address import client_address
from apps.core.errors import AuthenticationError, RateLimitedError
from apps.core.ratelimits import SIGN_INS, use
from apps.core.text import normalize

SIGN_IN_FAILED = (
    "The address and the password do not belong together, or the address is not verified yet;"
    " if it is not, a new link is on its way."
)


def sign_in(*, email: str, password: str, request: HttpRequest, otp: str = "") -> TokenPair:
    """Begin a sign-in.

    AuthenticationError `sign_in_failed`, the same for every reason it can fail; `otp_required`
    for the right pair without the second factor that was set up. RateLimitedError.
    """
    email = normalize(email)
    count_attempt(AttemptPurpose.SIGN_IN, email)
    user = authenticate(request, username=email, password=password)
    if isinstance(user, User) and user.is_email_verified:
        return _begin(user, otp, request)
    if lockout.was_refused(request):
        raise lockout.closed(request)
    if user is not None:
        lockout.report_failure(request, email)
        remind_of_verification(email)
    raise AuthenticationError(SIGN_IN_FAILED, code="sign_in_failed")


def count_sign_in(request: HttpRequest, email: str) -> None:
    """Count a sign-in at the admin's door against the limits of the API's.

    RateLimitedError.
    """
    usage = use(SIGN_INS, request, f"address {client_address(request)}")
    if usage.is_exceeded:
        raise RateLimitedError(
            "Too many sign-ins from here. Wait a moment, then try again.",
            retry_after_s=usage.reset_s,
        )
    count_attempt(AttemptPurpose.SIGN_IN, email)


def _begin(user: User, otp: str, request: HttpRequest) -> TokenPair:
    has_second_factor = second_factor.has_second_factor(user)
    if has_second_factor:
        second_factor.prove_second_factor(user=user, code=otp, request=request)
    lockout.forget_failures(request, user.email)
    return sessions.begin(user=user, has_second_factor=has_second_factor)
