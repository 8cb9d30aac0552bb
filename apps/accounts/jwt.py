"""The two JSON Web Tokens of a sign-in: what they claim and how they are read.

What is alive is in sessions.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token

from apps.core.errors import AuthenticationError


class PresentedRefreshToken(Token):
    """A refresh token as somebody sent it.

    Whether it was used before is asked later, where it can be acted on.
    """

    token_type = "refresh"  # noqa: S105 -- the name of a kind of token
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose token, of which sign-in, made at which version of the person's sessions."""

    user_id: int
    family_id: uuid.UUID
    version: int
    jti: str


def read_claims(token: Token) -> Claims:
    """The claims of a token whose signature, age and type are in order.

    ValueError when they are not ours.
    """
    try:
        return Claims(
            user_id=int(token["user_id"]),
            family_id=uuid.UUID(token["fam"]),
            version=int(token["ver"]),
            jti=str(token["jti"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("claims are missing") from error


def read_refresh(encoded: str) -> Claims:
    """The claims of a refresh token. AuthenticationError when it is none, or has expired."""
    try:
        return read_claims(PresentedRefreshToken(encoded))  # type: ignore[arg-type]  # -- the stubs want a Token
    except (TokenError, ValueError):
        raise refused() from None


def refused() -> AuthenticationError:
    """The one answer to every refresh token that is not good."""
    return AuthenticationError("The refresh token is not valid or has expired. Sign in again.")


def encode_pair(claims: Claims, *, now: datetime, refresh_until: datetime) -> TokenPair:
    """Sign an access and a refresh token of one sign-in; only the refresh token carries the jti."""
    refresh, access = PresentedRefreshToken(), AccessToken()
    for token in (refresh, access):
        token["user_id"] = str(claims.user_id)
        token["fam"] = str(claims.family_id)
        token["ver"] = claims.version
    refresh["jti"] = claims.jti
    refresh.set_exp(from_time=refresh_until, lifetime=timedelta(0))
    access.set_exp(from_time=now)
    return TokenPair(access=str(access), refresh=str(refresh))


def refresh_lifetime() -> timedelta:
    """How long a refresh token is good if nothing else ends it."""
    lifetime: Any = api_settings.REFRESH_TOKEN_LIFETIME
    assert isinstance(lifetime, timedelta)
    return lifetime
