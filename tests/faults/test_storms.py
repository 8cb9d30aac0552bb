"""P18: limits hold against storms of sign-ins, over several processes, with Redis and without."""

import time
import zlib
from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from apps.accounts.models import User
from tests.factories import UserFactory
from tests.faults.callers import at_once, call

PATH = "/api/accounts/token/"
STORM, THREADS, PROCESSES = 200, 40, 2
PER_ACCOUNT, PER_ADDRESS, WINDOW_S = 5, 10, 60


def roomiest_address() -> str:
    """The address whose window of counting ends last, so that a storm falls into one window."""
    now = int(time.time())

    def left(address: str) -> int:
        # Source: django_ratelimit.core._get_window.
        return (zlib.crc32(f"address {address}".encode()) - now) % WINDOW_S

    return max((f"192.0.2.{n}" for n in range(1, 255)), key=left)


@pytest.mark.faults
@pytest.mark.parametrize("redis", ["with Redis", "Redis refused", "Redis frozen"])
def test_two_hundred_parallel_sign_ins(begin, show, redis):
    campaign = begin()
    UserFactory(email="ada@example.org")
    # As the site itself would have hashed it; the suite hashes cheaply.
    User.objects.update(password=PBKDF2PasswordHasher().encode("right", "salt"))
    web = campaign.web(PROCESSES)
    if redis == "Redis refused":
        campaign.broker.end()
    if redis == "Redis frozen":
        campaign.broker.freeze()

    def sign_in(email, address):
        body = {"email": email, "password": "wrong"}
        return call(web.port, "POST", PATH, body, address=address).status

    account = at_once(
        [partial(sign_in, "ada@example.org", f"198.51.100.{n}") for n in range(STORM)],
        threads=THREADS,
    )
    address = roomiest_address()
    place = at_once(
        [partial(sign_in, f"guess{n}@example.org", address) for n in range(STORM)],
        threads=THREADS,
    )
    if redis == "Redis refused":
        campaign.broker.start()

    # A sign-in that fails with 401 has reached the hasher; 429 has not.
    assert Counter(account) == {401: PER_ACCOUNT, 429: STORM - PER_ACCOUNT}
    assert Counter(place).keys() == {401, 429}
    # While the processes count alone, each has its share; the moment in which one finds Redis
    # away may cost one window of another.
    most = PER_ADDRESS if redis == "with Redis" else PER_ADDRESS * PROCESSES
    assert place.count(401) <= most
    show(
        f"P18  {STORM} sign-ins at once, {redis}: {account.count(401)} of one account and "
        f"{place.count(401)} of one address reach the hasher, 0 × 5xx"
    )
