"""Reads the access token of a request, and whether its sign-in is still alive."""

from typing import Any

import structlog
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from apps.accounts import sessions
from apps.accounts.jwt import Claims, read_claims
from apps.accounts.models import User


class AccessTokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access>`; every token that is not good gets the same 401."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def get_raw_token(self, header: bytes) -> bytes | None:
        scheme, _, credentials = header.strip().partition(b" ")
        # The name of a scheme has no letter case. Source: RFC 9110, section 11.1.
        if scheme.lower() != b"bearer":
            return None
        credentials = credentials.strip()
        if not credentials or b" " in credentials:
            raise AuthenticationFailed
        return credentials

    def get_validated_token(self, raw_token: bytes) -> Token:
        try:
            return super().get_validated_token(raw_token)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None

    def get_user(self, validated_token: Token) -> Any:
        claims = claims_of(validated_token)
        user = sessions.holder(claims)
        if user is None:
            raise AuthenticationFailed
        structlog.contextvars.bind_contextvars(user_id=user.pk)
        return user


def claims_of(token: Token) -> Claims:
    """The claims of a token that was read; AuthenticationFailed when they are not ours."""
    try:
        return read_claims(token)
    except ValueError:
        raise AuthenticationFailed from None


def signed_in_user(request: Request) -> User:
    """Who calls; for views that let nobody in without signing in."""
    assert isinstance(request.user, User)
    return request.user


def signed_in_claims(request: Request) -> Claims:
    """What the caller's token says; for views that let nobody in without signing in."""
    assert isinstance(request.auth, Token)
    return claims_of(request.auth)


class AccessTokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = AccessTokenAuthentication
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access` token of POST /api/accounts/token/; good for 10 minutes.",
        }
