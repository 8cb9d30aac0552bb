"""Nobody reads or writes what is not theirs: every call under /api/ × every role (P20)."""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.urls import reverse

from tests.api import Caller
from tests.matrix.table import ROLES, TABLE
from tests.matrix.world import PRIVATE, UNPUBLISHED, make_world
from tests.routes import METHODS, calls, routes

pytestmark = pytest.mark.django_db

# What each role must never find in an answer.
HIDDEN = {
    "anonymous": {PRIVATE, UNPUBLISHED},
    "owner": {"other@example.org"},
    "other": {PRIVATE, UNPUBLISHED},
    "curator": {PRIVATE},
    "admin": set(),
}
# A refusal that may leave a trace: how often somebody tried.
_COUNTERS = {"accounts_attemptcounter"}
_REFUSED = (401, 403, 404)
_TOUCHED = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS count FROM pg_stat_xact_user_tables
"""


@pytest.fixture(autouse=True)
def _unlimited(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**9, 60))
    settings.ACCOUNT_LIMITS = dict.fromkeys(settings.ACCOUNT_LIMITS, (10**9, 60))


@pytest.fixture
def world():
    return make_world()


@contextmanager
def taken_back():
    """Whatever is done in the block has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def touched():
    """How many rows of each table this transaction has tried to write so far."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED)
        return {name: count for name, count in cursor.fetchall() if name not in _COUNTERS}


def address(world, name, path):
    ids = {key: value if key == "ref" else _row_of(world, value).pk for key, value in path.items()}
    return reverse(f"api:{name}", kwargs=ids)


def _row_of(world, name):
    return world.people.get(name) or getattr(world, name)


def made(caller, world, key):
    """The answer to a call of the table."""
    method, name = key.split()[:2]
    found = TABLE[key]
    body = found.body(world) if callable(found.body) else found.body
    url = address(world, name, found.path) + (f"?{found.query}" if found.query else "")
    return getattr(caller, method.lower())(url, body if method != "GET" else None)


def caller_of(world, role):
    return Caller(world.people.get(role))


def test_every_call_is_in_the_table():
    named = {" ".join(key.split()[:2]) for key in TABLE}

    assert {call for call, _ in calls()} == named, "Say in tests/matrix/table.py who may call it."


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_the_table_says_and_nobody_reads_or_writes_more(world, role):
    caller, statuses, written, leaked = caller_of(world, role), {}, {}, set()
    for key, found in TABLE.items():
        before = touched()
        with taken_back():
            response = made(caller, world, key)
        after = touched()
        statuses[key] = response.status_code
        if response.status_code in _REFUSED and before != after:
            written[key] = {name for name in after if before[name] != after[name]}
        # Whoever sends a token of the owner's is taken for the owner.
        if not callable(found.body):
            content = response.content.decode().lower()
            leaked |= {(key, mark) for mark in HIDDEN[role] if mark in content}

    assert statuses == {key: found.status_for(role) for key, found in TABLE.items()}
    assert written == {}
    assert leaked == set()


def test_the_marks_are_found_where_they_may_be(world):
    seen = {
        role: made(caller_of(world, role), world, key).content.decode()
        for role, key in (("owner", "GET me-export"), ("curator", "GET problem-list"))
    }

    assert PRIVATE in seen["owner"]
    assert UNPUBLISHED in seen["curator"]


@pytest.mark.parametrize("role", ROLES)
def test_a_method_that_a_route_lacks_is_405_for_everybody(world, role):
    declared = {call for call, _ in calls()}
    paths = {key.split()[1]: found.path for key, found in TABLE.items()}
    caller, others = caller_of(world, role), {}
    for name, _ in routes():
        for method in METHODS:
            call = f"{method.upper()} {name}"
            if name != "unknown" and call not in declared:
                response = getattr(caller, method)(address(world, name, paths[name]))
                others[call] = response.status_code

    assert set(others.values()) == {405}, others
    assert len(others) > 100
