"""How often somebody may call: django-ratelimit's counters, asked after authentication and before
permissions.

Decorators would run before the token is read, DRF's throttles after permissions (storms of 401 go
uncounted).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django_ratelimit.core import get_usage
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from apps.core.client_address import client_address


@dataclass(frozen=True, slots=True)
class Limit:
    """A named limit of settings.RATE_LIMITS, counted per user, else per client address.

    A strict one guards passwords and mailboxes: while each process counts alone, each grants only
    its share.
    """

    name: str
    is_strict: bool = False

    def rate(self) -> tuple[int, int]:
        """How many, in how many seconds."""
        count, seconds = settings.RATE_LIMITS[self.name]
        if self.is_strict and is_counting_alone():
            count = math.ceil(count / settings.WEB_PROCESSES)
        return count, seconds


READS = Limit("read")
WRITES = Limit("write")
SIGN_INS = Limit("sign_in", is_strict=True)
MAILS = Limit("mail", is_strict=True)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is used up; `reset_s` seconds until it is whole again."""

    limit: int
    remaining: int
    reset_s: int
    is_exceeded: bool


def is_counting_alone() -> bool:
    """Whether the shared counters are away, so that each process counts for itself."""
    return bool(getattr(cache, "is_away", lambda: False)())


def check_limits(request: Request, limits: Sequence[Limit]) -> None:
    """Count this request against each limit;

    Throttled when one is exceeded. The tightest shows in the headers.
    """
    if not limits:
        return
    subject = _subject(request)
    usages = [use(limit, request, subject) for limit in limits]
    tightest = min(usages, key=lambda usage: (not usage.is_exceeded, usage.remaining))
    request._request.rate_limit = tightest  # type: ignore[attr-defined]  # -- ours, read by limit_headers
    if tightest.is_exceeded:
        raise Throttled(tightest.reset_s)


def use(limit: Limit, request: Any, subject: str) -> Usage:
    """Count one use of a limit by a subject."""
    # The second try is for the moment in which the counter's home changes, and an entry that just
    # expired.
    counted = _count(limit, request, subject) or _count(limit, request, subject)
    if counted is None:
        raise RuntimeError(f"the cache counts nothing for the limit {limit.name}")
    return counted


def limit_headers(request: Request) -> dict[str, str]:
    """The RateLimit headers of an answer; none where nothing was counted.

    Source: draft-ietf-httpapi-ratelimit-headers-03, the last with one header each.
    """
    usage: Usage | None = getattr(request._request, "rate_limit", None)
    if usage is None:
        return {}
    return {
        "RateLimit-Limit": str(usage.limit),
        "RateLimit-Remaining": str(usage.remaining),
        "RateLimit-Reset": str(usage.reset_s),
    }


def _subject(request: Request) -> str:
    # The token has been read by now; a refused one leaves nobody behind, and the address counts.
    user = getattr(request, "_user", None)
    if user is not None and user.is_authenticated:
        return f"user {user.pk}"
    return f"address {client_address(request)}"


def _count(limit: Limit, request: Any, subject: str) -> Usage | None:
    usage = get_usage(
        request,
        group=f"api.{limit.name}",
        key=lambda group, request: subject,
        rate=limit.rate(),
        increment=True,
    )
    # django-ratelimit answers a lost counter with a limit of nought.
    if usage is None or usage["limit"] == 0:
        return None
    return Usage(
        limit=usage["limit"],
        remaining=max(0, usage["limit"] - usage["count"]),
        reset_s=max(1, usage["time_left"]),
        is_exceeded=usage["should_limit"],
    )
