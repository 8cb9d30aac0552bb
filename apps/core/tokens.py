"""Tokens in links: signed, for one purpose each, holding ids only. None of them signs anybody in.

A token proves that we made it, for this purpose, not too long ago; whether it is still good (not
used, the address not changed since) is for whoever reads it to say.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.core import signing

from apps.core.errors import InvalidInputError

TokenValue = int | str
_as_json = json.JSONEncoder(separators=(",", ":")).encode


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
    words = signing.b64_encode(_as_json(list(values)).encode("latin-1")).decode()
    return _signer(purpose, settings.SECRET_KEY).sign(words)


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


class _Signer(signing.TimestampSigner):
    """Signs as `signing.dumps` does, with a key that is derived once instead of for each of the four links
    of every mail.
    """

    def __init__(self, purpose: TokenPurpose, secret: str) -> None:
        super().__init__(key=secret, salt=f"dc.{purpose}")
        self._derived = hashlib.sha256(f"{self.salt}signer{secret}".encode()).digest()

    def signature(self, value: str, key: str | None = None) -> str:
        if key not in (None, self.key):
            return super().signature(value, key)
        return signing.b64_encode(hmac.digest(self._derived, value.encode(), "sha256")).decode()


@lru_cache(maxsize=64)
def _signer(purpose: TokenPurpose, secret: str) -> _Signer:
    return _Signer(purpose, secret)


def invalid_token() -> InvalidInputError:
    """What to raise for a token that is used up or otherwise no good any more."""
    return InvalidInputError(
        "This link does not work any more: it was used already, has expired or is incomplete.",
        code="invalid_token",
    )
