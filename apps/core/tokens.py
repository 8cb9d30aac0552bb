"""Tokens in links: signed, for one purpose each, holding ids only. None of them signs anybody in.

A token proves that we made it, for this purpose, not too long ago; whether it is still good (not
used, the address not changed since) is for whoever reads it to say.
"""

import hashlib
import hmac
import json
import time
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
    """Sign these values for a purpose, in the format of `signing.dumps`; URL-safe."""
    words = signing.b64_encode(_as_json(list(values)).encode("latin-1")).decode()
    dated = f"{words}:{_date(int(time.time()))}"
    proof = hmac.digest(_key(purpose, settings.SECRET_KEY), dated.encode(), "sha256")
    return f"{dated}:{signing.b64_encode(proof).decode()}"


def read_token(purpose: TokenPurpose, token: str, *, count: int) -> Sequence[TokenValue]:
    """The `count` values of a token.

    InvalidInputError `invalid_token` for a bad, foreign or old one.
    """
    lifetime = LIFETIMES[purpose]
    try:
        values = signing.loads(token, salt=_salt(purpose), max_age=lifetime)
    except (signing.BadSignature, ValueError):
        raise invalid_token() from None
    if not isinstance(values, list) or len(values) != count:
        raise invalid_token()
    return values


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    """A batch of mails has hundreds of tokens of one second."""
    return signing.b62_encode(second)


@lru_cache(maxsize=64)
def _key(purpose: TokenPurpose, secret: str) -> bytes:
    """Django's key of this purpose, derived once and not for each of the four links of a mail."""
    return hashlib.sha256(f"{_salt(purpose)}signer{secret}".encode()).digest()


def _salt(purpose: TokenPurpose) -> str:
    return f"dc.{purpose}"


def invalid_token() -> InvalidInputError:
    """What to raise for a token that is used up or otherwise no good any more."""
    return InvalidInputError(
        "This link does not work any more: it was used already, has expired or is incomplete.",
        code="invalid_token",
    )
