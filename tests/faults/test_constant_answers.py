"""P19: neither the bytes of an answer nor the time it takes tell who has an account."""

import random
from statistics import median, quantiles

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from apps.accounts.models import Role, User
from tests.factories import UserFactory
from tests.faults.callers import call
from tests.staff import person

SAMPLES = 15
SETTINGS = {
    "RATE_LIMITS": {name: [10**6, 60] for name in ("read", "write", "sign_in", "mail")},
    "ACCOUNT_LIMITS": {"sign_in": [10**6, 60], "mail": [10**6, 60]},
    # What is compared are answers, not closed doors.
    "AXES_FAILURE_LIMIT": 10**6,
}
PASSWORD = "four words nobody guesses"
GROUPS = {
    "POST /api/accounts/register/": ("unknown", "verified", "unverified"),
    "POST /api/accounts/token/": ("unknown", "verified", "unverified", "admin"),
    "POST /api/accounts/password/forgot/": ("unknown", "verified", "unverified"),
    "POST /api/accounts/resend-verification/": ("unknown", "verified", "unverified"),
    "POST /api/accounts/email/change/": ("unknown", "verified", "unverified"),
}


def people():
    """Addresses by what is known of them, each to be used once."""
    hashed = PBKDF2PasswordHasher().encode("right and long", "salt")
    known = {
        "verified": [UserFactory() for _ in range(SAMPLES * len(GROUPS))],
        "unverified": [UserFactory(email_verified_at=None) for _ in range(SAMPLES * len(GROUPS))],
        "admin": [person(Role.ADMIN) for _ in range(SAMPLES)],
    }
    User.objects.update(password=hashed)
    addresses = {kind: [user.email for user in users] for kind, users in known.items()}
    unknown = [f"unknown{number}@example.org" for number in range(SAMPLES * len(GROUPS))]
    return {**addresses, "unknown": unknown}


def body_for(path, email):
    if path.endswith("change/"):
        return {"current_password": "right and long", "new_email": email}
    if path.endswith(("forgot/", "verification/")):
        return {"email": email}
    return {"email": email, "password": PASSWORD}


@pytest.mark.faults
def test_known_and_unknown_addresses_are_answered_alike(begin, show):
    campaign = begin(**SETTINGS)
    addresses = people()
    caller = UserFactory()
    User.objects.filter(pk=caller.pk).update(
        password=PBKDF2PasswordHasher().encode("right and long", "salt")
    )
    web = campaign.web(processes=1)
    credentials = {"email": caller.email, "password": "right and long"}
    access = call(web.port, "POST", "/api/accounts/token/", credentials).body["access"]

    for endpoint, kinds in GROUPS.items():
        method, path = endpoint.split()
        answers = {kind: [] for kind in kinds}
        # One after the other in an order of chance, so that a slow moment hits all alike.
        for kind in random.sample(kinds * SAMPLES, k=SAMPLES * len(kinds)):
            body = body_for(path, addresses[kind].pop())
            token = access if path.endswith("change/") else ""
            answers[kind].append(call(web.port, method, path, body, access=token))

        told = {
            (answer.status, str({**answer.body, "request_id": ""}))
            for each in answers.values()
            for answer in each
        }
        spans = {kind: quantiles([a.seconds for a in each], n=10) for kind, each in answers.items()}
        assert len(told) == 1, (endpoint, told)
        # All but the fastest and the slowest tenth of any two overlap.
        slowest_low = max(span[0] for span in spans.values())
        fastest_high = min(span[-1] for span in spans.values())
        assert slowest_low <= fastest_high, (endpoint, spans)
        middle = {kind: f"{median(span) * 1000:.0f}" for kind, span in spans.items()}
        show(f"P19  {path}: the same bytes; medians in ms {middle}")
