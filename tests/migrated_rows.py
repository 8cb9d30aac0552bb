"""The pytest plugin that puts back, after a test that emptied the tables, what migrations wrote.

Tests with real transactions end with a flush; the switch, the groups and the like would be gone for
whatever test comes next.
"""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

ROWS = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """pytest-django's own, and then a copy of all rows before the first test."""
    with django_db_blocker.unblock():
        request.config.stash[ROWS] = connection.creation.serialize_db_to_string()


def ends_with_a_flush(item: pytest.Item) -> bool:
    """Whether pytest-django empties the tables after this test."""
    marker = item.get_closest_marker("django_db")
    if marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)):
        return True
    return not {"transactional_db", "live_server"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    result = yield
    # After the last test the database is gone already.
    if nextitem and ends_with_a_flush(item) and ROWS in item.config.stash:
        with item.config.stash[blocking_manager_key].unblock():
            # Once more, because pytest-django's flush wrote permissions with numbers of its own.
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
            connection.creation.deserialize_db_from_string(item.config.stash[ROWS])
            connection.close()
    return result
