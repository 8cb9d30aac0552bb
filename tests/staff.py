"""Browsers signed in to the admin, by role."""

from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role, User
from apps.accounts.services import change_role
from tests.factories import UserFactory


def person(role: Role, **fields: object) -> User:
    """Somebody of this role."""
    user = UserFactory(**fields)
    change_role(user_id=user.pk, role=role, by=None)
    user.refresh_from_db()
    return user


def browser(user: User | None = None) -> Client:
    """A browser in which somebody is signed in, or nobody."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def admin_browser() -> Client:
    return browser(person(Role.ADMIN))


def curator_browser() -> Client:
    return browser(person(Role.CURATOR))


def queries_of(client: Client, url: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """What was handed to the broker, instead of handing it over: (task, args, kwargs)."""
    messages: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def send_task(
        task: str, args: tuple[Any, ...], kwargs: dict[str, Any], **options: object
    ) -> None:
        messages.append((task, args, kwargs))

    monkeypatch.setattr(current_app, "send_task", send_task)
    return messages
