"""Tokens in links: signed, for one purpose each, holding ids only. None of them signs anybody in.

A token proves that we made it, for this purpose, not too long ago; whether it is still good (not
used, the address not changed since) is for whoever reads it to say.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from django.core import signing

from apps.core.errors import InvalidInputError

TokenValue = int | str


class TokenPurpose(StrEnum):
    """What a token may be used for; a token of one purpose is no token of another."""

    VERIFY = "verify"
    RESET = "reset"
    EMAIL_CHANGE = "email_change"
    EMAIL_UNDO = "email_undo"
    FEEDBACK = "feedback"
    READ = "read"
    MANAGE = "manage"
    UNSUBSCRIBE = "unsubscribe"


# None: good for ever. An old mail's unsubscribe link must work whenever somebody finds it.
LIFETIMES: dict[TokenPurpose, timedelta | None] = {
    TokenPurpose.VERIFY: timedelta(days=3),
    TokenPurpose.RESET: timedelta(hours=1),
    TokenPurpose.EMAIL_CHANGE: timedelta(days=1),
    TokenPurpose.EMAIL_UNDO: timedelta(days=7),
    TokenPurpose.FEEDBACK: timedelta(days=30),
    TokenPurpose.READ: None,
    TokenPurpose.MANAGE: None,
    TokenPurpose.UNSUBSCRIBE: None,
}


def make_token(purpose: TokenPurpose, *values: TokenValue) -> str:
    """Sign these values for a purpose; URL-safe."""
    return signing.dumps(list(values), salt=f"dc.{purpose}")


def read_token(purpose: TokenPurpose, token: str, *, count: int) -> Sequence[TokenValue]:
    """The `count` values of a token.

    InvalidInputError `invalid_token` for a bad, foreign or old one.
    """
    lifetime = LIFETIMES[purpose]
    try:
        values = signing.loads(token, salt=f"dc.{purpose}", max_age=lifetime)
    except (signing.BadSignature, ValueError):
        raise invalid_token() from None
    if not isinstance(values, list) or len(values) != count:
        raise invalid_token()
    return values


def invalid_token() -> InvalidInputError:
    """What to raise for a token that is used up or otherwise no good any more."""
    return InvalidInputError(
        "This link does not work any more: it was used already, has expired or is incomplete.",
        code="invalid_token",
    )
