"""What each web process counts of its requests, and the door to /metrics.

The door is here and not in the URLs, because Prometheus asks every process by its number, which is
no host name that the site answers to.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Gauge, Histogram

from apps.core.metrics import metrics
from apps.core.ratelimits import is_counting_alone

METRICS_PATH = "/metrics"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_NO_ROUTE = "none"

REQUESTS = Counter(
    "dailychallenge_http_requests", "Requests answered.", ["method", "route", "status"]
)
DURATION = Histogram(
    "dailychallenge_http_request_duration_seconds",
    "How long answering took.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FAULTS = Counter("dailychallenge_http_faults", "Exceptions that nobody caught.", ["exception"])
ALONE = Gauge(
    "dailychallenge_cache_fallback",
    "Web processes that count on their own because the cache is away.",
    multiprocess_mode="livesum",
)


class RequestMetricsMiddleware:
    """Counts and times every request; stands outside all that may answer one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._was_alone: bool | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == METRICS_PATH:
            return metrics(request)
        started = time.perf_counter()
        response = self.get_response(request)
        route = _route_of(request)
        DURATION.labels(route).observe(time.perf_counter() - started)
        REQUESTS.labels(_method_of(request), route, str(response.status_code)).inc()
        self._note_fallback()
        return response

    def _note_fallback(self) -> None:
        is_alone = is_counting_alone()
        if is_alone is not self._was_alone:
            self._was_alone = is_alone
            ALONE.set(int(is_alone))


def _method_of(request: HttpRequest) -> str:
    """The method, or one word for all that callers invent."""
    method = request.method or ""
    return method if method in _METHODS else "other"


def _route_of(request: HttpRequest) -> str:
    """The pattern, never the path: paths hold people's tokens, and there is no end of them."""
    match = request.resolver_match
    return match.route if match else _NO_ROUTE


def _count_fault(sender: Any, **kwargs: Any) -> None:
    kind = sys.exc_info()[0]
    FAULTS.labels(kind.__name__ if kind else "unknown").inc()


got_request_exception.connect(_count_fault, dispatch_uid="core.request_metrics")
