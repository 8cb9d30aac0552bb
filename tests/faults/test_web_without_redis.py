"""P5: registering, signing in and changing settings go on while Redis refuses or hangs."""

import statistics

import pytest

from apps.accounts.models import User
from tests.faults.callers import call

JOURNEYS = 25
PASSWORD = "correct horse battery"
MOST_ADDED_S = 0.5
# What is measured is the way to Redis, not how well the machine hashes.
SETTINGS = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "RATE_LIMITS": {name: [10**6, 60] for name in ("read", "write", "sign_in", "mail")},
    "ACCOUNT_LIMITS": {"sign_in": [10**6, 60], "mail": [10**6, 60]},
}


def journeys(port, kind):
    """Every answer of this many people who register, sign in and change their settings."""
    answers = []
    for number in range(JOURNEYS):
        email, address = f"{kind}{number}@example.org", f"198.51.100.{number}"

        def go(method, path, body, access="", address=address):
            answers.append(call(port, method, path, body, access=access, address=address))
            return answers[-1]

        credentials = {"email": email, "password": PASSWORD}
        go("POST", "/api/accounts/register/", credentials)
        user = User.objects.get(email=email)
        User.objects.filter(pk=user.pk).update(email_verified_at=user.date_joined)
        access = go("POST", "/api/accounts/token/", credentials).body["access"]
        go("POST", "/api/subscription/", {"consent": True}, access)
        go("PATCH", "/api/subscription/", {"delivery_time": "07:30"}, access)
        go("PATCH", "/api/accounts/me/", {"display_name": "Ada"}, access)
    return answers


def p95(answers):
    return statistics.quantiles([answer.seconds for answer in answers], n=20)[-1]


@pytest.mark.faults
@pytest.mark.parametrize("how", ["refused", "frozen"])
def test_nobody_notices(begin, show, how):
    campaign = begin(**SETTINGS)
    web = campaign.web(processes=2)
    journeys(web.port, "warm-up")
    usual = journeys(web.port, "usual")
    if how == "refused":
        campaign.broker.end()
    else:
        campaign.broker.freeze()

    without = journeys(web.port, "without")
    if how == "refused":
        campaign.broker.start()

    added = p95(without) - p95(usual)
    assert {answer.status for answer in usual + without} == {200, 201, 202}
    assert added <= MOST_ADDED_S
    show(
        f"P5   Redis {how}: {len(without)} calls of {JOURNEYS} people, 0 × 5xx, p95 "
        f"{p95(usual) * 1000:.0f} ms → {p95(without) * 1000:.0f} ms"
    )
