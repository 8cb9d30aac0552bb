"""Schemathesis over the whole schema: whatever is sent, no fault, and every answer as described."""

from zlib import crc32

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from apps.accounts import sessions
from config.wsgi import application
from tests.matrix.table import ROLES
from tests.matrix.world import make_world

# What a schema cannot say (a token that is none of ours) is refused although it fits; and the token
# that this test sends is good, whatever the check supposes.
NOT_ASKED = [positive_data_acceptance, ignored_auth]
# What makes an address lead somewhere, by the parameter and the first word of the path.
KNOWN = {
    ("ref", "tags"): lambda world: "python",
    ("ref", "problems"): lambda world: "approved",
    ("id", "users"): lambda world: world.owner.pk,
    ("id", "deliveries"): lambda world: world.delivery.pk,
    ("id", "tag-suggestions"): lambda world: world.suggestion.pk,
    ("id", "tag-merges"): lambda world: world.merge.pk,
}

schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
# tests/matrix asks every route for the methods it lacks.
schema.config.phases.coverage.unexpected_methods = {"trace"}


@pytest.fixture(autouse=True)
def _unlimited(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**9, 60))
    settings.ACCOUNT_LIMITS = dict.fromkeys(settings.ACCOUNT_LIMITS, (10**9, 60))


@pytest.fixture(autouse=True)
def _one_connection():
    """As Django's own test client does: the test's transaction outlives the requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(db):
    return make_world()


def bounded(count):
    """So many random cases for each operation, besides those that follow from its schema; the same
    ones every time.
    """
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def aim(case, world):
    """Let a well-formed case be about something that exists."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    words = case.path.split("/")
    for name in case.path_parameters or {}:
        for (parameter, word), found in KNOWN.items():
            if parameter == name and word in words:
                case.path_parameters[name] = found(world)


def is_its_turn(case, role):
    """One case in three, another one for the next role, so that between them all are asked."""
    sent = repr((case.path_parameters, case.query, case.headers, case.body))
    return crc32(sent.encode("utf-8", "surrogatepass")) % 3 == ROLES.index(role) % 3


def answer(case, world, headers):
    """Send a case, and take back what it did."""
    aim(case, world)
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    return response


@pytest.fixture
def headers(world, role):
    """What somebody of this role sends along."""
    user = world.people.get(role)
    return {"Authorization": f"Bearer {sessions.begin(user=user).access}"} if user else {}


@pytest.mark.parametrize("role", ["admin"])
@schema.parametrize()
@bounded(3)
def test_every_answer_is_as_the_schema_says(case, world, role, headers):
    if is_its_turn(case, role):
        case.validate_response(answer(case, world, headers), excluded_checks=NOT_ASKED)


@pytest.mark.faults
@pytest.mark.parametrize("role", ROLES)
@schema.parametrize()
@bounded(15)
def test_every_answer_is_as_the_schema_says_whoever_asks(case, world, role, headers):
    if is_its_turn(case, role):
        case.validate_response(answer(case, world, headers), excluded_checks=NOT_ASKED)
