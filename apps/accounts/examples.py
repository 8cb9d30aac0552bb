"""Examples for the schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _answered(name: str, value: dict[str, Any], status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


_PASSWORD = "correct horse battery staple"  # noqa: S105 -- an example
_JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiNyJ9.k7b0"
_LINK_TOKEN = "WzcsIjNmMmEiXQ:1vNcQf:5r8wq0JX"  # noqa: S105 -- an example

REGISTRATION = _sent(
    "A new person",
    {
        "email": "ada@example.org",
        "password": _PASSWORD,
        "display_name": "Ada",
        "timezone": "Europe/London",
    },
)
MAIL_ON_ITS_WAY = _answered(
    "Always the same",
    {"detail": "Look into your mailbox: a mail that says how to go on is on its way."},
    "202",
)
LINK_TOKEN = _sent("The token of a link", {"token": _LINK_TOKEN})
VERIFIED = _answered("Verified", {"email": "ada@example.org", "email_verified": True})
ADDRESS = _sent("An address", {"email": "ada@example.org"})
SIGN_IN = _sent("Address and password", {"email": "ada@example.org", "password": _PASSWORD})
SIGN_IN_WITH_CODE = _sent(
    "With a second factor",
    {"email": "grace@example.org", "password": _PASSWORD, "otp": "492039"},
)
REFRESH = _sent("A refresh token", {"refresh": _JWT})
TOKEN_PAIR = _answered("A pair of tokens", {"access": _JWT, "refresh": _JWT})
PASSWORD_RESET = _sent(
    "A new password", {"token": _LINK_TOKEN, "password": "four words nobody guesses"}
)
PASSWORD_CHANGE = _sent(
    "Old and new", {"current_password": _PASSWORD, "new_password": "four words nobody guesses"}
)
EMAIL_CHANGE = _sent(
    "Another address", {"current_password": _PASSWORD, "new_email": "ada@example.com"}
)
ERASURE = _sent("Confirmed by password", {"current_password": _PASSWORD})
RENAMING = _sent("Another name", {"display_name": "Ada L."})
_PROFILE = {
    "id": 7,
    "email": "ada@example.org",
    "display_name": "Ada",
    "role": "subscriber",
    "email_verified": True,
    "date_joined": "2026-11-23T08:00:00Z",
}
PROFILE = _answered("A subscriber", _PROFILE)
USER = _answered("A subscriber", {**_PROFILE, "is_active": True})
USER_CHANGE = _sent("Make somebody curator", {"role": "curator"})
EXPORT = _answered(
    "Beginning of an export",
    {
        "exported_at": "2026-11-23T08:00:00Z",
        "sections": {"account": {"id": 7, "email": "ada@example.org"}},
    },
)
