"""The door: an address and a password for a pair of tokens."""

from typing import Any

from django.contrib.auth import authenticate

from apps.accounts import sessions
from apps.accounts.attempts import count_attempt
from apps.accounts.jwt import TokenPair
from apps.accounts.models import AttemptPurpose, User
from apps.accounts.services.registration import remind_of_verification
from apps.core.errors import AuthenticationError
from apps.core.text import normalize

SIGN_IN_FAILED = (
    "The address and the password do not belong together, or the address is not verified yet;"
    " if it is not, a new link is on its way."
)


def sign_in(*, email: str, password: str, request: Any = None) -> TokenPair:
    """Begin a sign-in. AuthenticationError `sign_in_failed`, the same for every reason it can fail.

    `request` is for authentication backends that look at it.
    """
    email = normalize(email)
    count_attempt(AttemptPurpose.SIGN_IN, email)
    user = authenticate(request, username=email, password=password)
    if isinstance(user, User) and user.is_email_verified:
        return sessions.begin(user=user)
    if user is not None:
        remind_of_verification(email)
    raise AuthenticationError(SIGN_IN_FAILED, code="sign_in_failed")
