"""P15: refresh tokens are single-use, whoever sends them and however often at once."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F

from apps.accounts.models import TokenFamily
from tests.factories import UserFactory
from tests.faults.callers import at_once, call

PATH = "/api/accounts/token/refresh/"
ME = "/api/accounts/me/"
THREADS, TOKENS = 8, 100
SETTINGS = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "RATE_LIMITS": {name: [10**6, 60] for name in ("read", "write", "sign_in")},
    "ACCOUNT_LIMITS": {"sign_in": [10**6, 60]},
}


@pytest.mark.faults
def test_eight_threads_and_a_hundred_tokens(begin, show):
    campaign = begin(**SETTINGS)
    UserFactory(email="ada@example.org")
    web = campaign.web(processes=2)

    def sign_in():
        body = {"email": "ada@example.org", "password": "correct horse battery"}
        return call(web.port, "POST", "/api/accounts/token/", body).body["refresh"]

    def refresh(token):
        return call(web.port, "POST", PATH, {"refresh": token})

    first = at_once([sign_in] * TOKENS, threads=4)
    answers = [
        answer
        for token in first
        for answer in at_once([partial(refresh, token)] * THREADS, threads=THREADS)
    ]
    second = [answer.body for answer in answers if answer.status == 200]
    works = [call(web.port, "GET", ME, access=pair["access"]).status for pair in second]
    third = [refresh(pair["refresh"]) for pair in second]

    assert Counter(answer.status for answer in answers) == {200: TOKENS, 409: 7 * TOKENS}
    assert Counter(works) == {200: TOKENS}
    assert Counter(answer.status for answer in third) == {200: TOKENS}

    # Half of them are used again late, half are grandparents that come back at once.
    late, grandparents = second[: TOKENS // 2], first[TOKENS // 2 :]
    TokenFamily.objects.update(rotated_at=F("rotated_at") - timedelta(seconds=11))
    reused = [refresh(pair["refresh"]) for pair in late] + [refresh(t) for t in grandparents]
    newest = [refresh(answer.body["refresh"]) for answer in third]
    access = [call(web.port, "GET", ME, access=answer.body["access"]) for answer in third]

    for refused in (reused, newest, access):
        assert Counter(answer.status for answer in refused) == {401: TOKENS}
    assert not TokenFamily.objects.alive().exists()
    show(
        f"P15  {THREADS} threads × {TOKENS} tokens over 2 processes: {TOKENS} × 200, "
        f"{7 * TOKENS} × 409; all new pairs work; {TOKENS} late or old uses end {TOKENS} sign-ins"
    )
