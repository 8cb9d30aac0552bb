"""Calling the API in tests: clients, and the shape of errors."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from apps.accounts import sessions
from apps.accounts.models import User
from apps.core import queue
from apps.core.breaker import Breaker
from tests.factories import UserFactory

REQUEST_ID = "test-request-0001"


class Caller(APIClient):
    """A client whose faults are answers, as in production, with a request id that tests know."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__(raise_request_exception=False, HTTP_X_REQUEST_ID=REQUEST_ID)
        self.user = user
        if user is not None:
            self.pair = sessions.begin(user=user)
            self.bearer(self.pair.access)

    def bearer(self, access: str) -> "Caller":
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        return self


@pytest.fixture(autouse=True)
def _fresh_counters(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what another has used up, or that the broker was away."""
    settings.RATELIMIT_CACHE_PREFIX = f"test-{uuid4().hex}:"
    monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=15))


@pytest.fixture
def api() -> Caller:
    return Caller()


@pytest.fixture
def signed_in(db: None) -> Caller:
    return Caller(UserFactory(email="ada@example.org", display_name="Ada"))


@pytest.fixture
def curator(db: None) -> Caller:
    from apps.accounts.services import change_role

    user = UserFactory(email="curator@example.org")
    return Caller(change_role(user_id=user.pk, role="curator", by=None))


@pytest.fixture
def admin(db: None) -> Caller:
    user = UserFactory(email="admin@example.org", is_staff=True, is_superuser=True)
    return Caller(user)


def problem(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The whole body of an error."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": REQUEST_ID,
        **members,
    }


def invalid(*errors: tuple[str, str, str]) -> dict[str, Any]:
    """The whole body of a validation error; each complaint is (pointer, code, detail)."""
    words = "One value is" if len(errors) == 1 else f"{len(errors)} values are"
    return problem(
        400,
        "validation_failed",
        f"{words} not acceptable; see errors.",
        errors=[
            {"pointer": pointer, "code": code, "detail": detail} for pointer, code, detail in errors
        ],
    )


def pointers(response: Any) -> dict[str, str]:
    """What each field of a refused body was refused for."""
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    return {error["pointer"]: error["code"] for error in response.json()["errors"]}


NOT_AUTHENTICATED = problem(
    401, "not_authenticated", "Sign in and send the access token as a Bearer token."
)
FORBIDDEN = problem(403, "permission_denied", "You are not allowed to do this.")
METHOD_NOT_ALLOWED = problem(
    405, "method_not_allowed", "This method is not available here; see the Allow header."
)
