"""Schemathesis over the whole schema: whatever is sent, no fault, and every answer as described."""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from apps.accounts import sessions
from apps.tags.models import TagName
from config.wsgi import application
from tests.factories import (
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

# What a schema cannot say (a token that is none of ours) is refused although it fits; and the token
# that this test sends is good, whatever the check supposes.
NOT_ASKED = [positive_data_acceptance, ignored_auth]

schema = schemathesis.openapi.from_wsgi("/api/schema/", application)


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
def access(db):
    user = UserFactory(email="ada@example.org")
    tag = TagFactory(slug="python")
    TagName.objects.create(tag=tag, name="py", normalized="py", kind="alias")
    subscription = SubscriptionFactory(user=user, tags=[tag])
    problem = ProblemFactory(slug="a-problem", tags=[tag], author=UserFactory())
    yesterday = timezone.now() - timedelta(days=1)
    SentDeliveryFactory(subscription=subscription, problem=problem, due_at=yesterday)
    return sessions.begin(user=user).access


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_schema_says(case, access):
    response = case.call(headers={"Authorization": f"Bearer {access}"})

    case.validate_response(response, excluded_checks=NOT_ASKED)
