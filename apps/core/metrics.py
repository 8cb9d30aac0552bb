"""`/metrics` for Prometheus: what this site's web processes saw, and what the database knows.

Web processes count in memory (core.request_metrics) and are added up over all processes of the
machine. What workers did stands in tallies, and the present state is asked for at each scrape.
Upper apps register what they know in `AppConfig.ready`.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from apps.core.models import Alert, Heartbeat, Tally
from apps.core.tallies import AnyTally

log = structlog.get_logger(__name__)

Source = Callable[[datetime], Iterable[Metric]]

# Seconds. Prometheus gives up after ten.
_BROKER_TIMEOUT_S = 0.5

_sources: list[Source] = []
_tallies: list[AnyTally] = []


def register(source: Source) -> None:
    """Let /metrics show what `source` knows at an instant, in a constant number of queries; it
    raises nothing but DatabaseError.
    """
    _sources.append(source)


def register_tallies(*tallies: AnyTally) -> None:
    """Let /metrics show these totals."""
    _tallies.extend(tallies)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever holds METRICS_TOKEN; without such a token the page is not there."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    sent = request.headers.get("Authorization", "")
    if not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(
        encode(_Everything()), content_type=content_type, headers={"Cache-Control": "no-store"}
    )


class _Everything(Collector):
    """What the encoder walks over."""

    def collect(self) -> Iterator[Metric]:
        yield from _of_web().collect()
        yield from _of_database()
        yield from _of_broker()


def _of_web() -> CollectorRegistry:
    """The figures of all web processes of this machine, or of this one if it is alone."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def _of_database() -> Iterator[Metric]:
    """What every source says; nothing at all, and that in a figure, when the database is away."""
    now = timezone.now()
    try:
        found = [metric for source in (_core, *_sources) for metric in source(now)]
    except DatabaseError as error:
        log.warning("metrics_without_database", error=str(error).strip())
        found = []
    yield gauge("dailychallenge_database_up", "1 while the database answers.", int(bool(found)))
    yield from found


def _core(now: datetime) -> Iterator[Metric]:
    """Signs of life, open alerts and the running totals: a query each."""
    ages = GaugeMetricFamily(
        "dailychallenge_heartbeat_age_seconds",
        "Since the last sign of life of a component.",
        labels=["name"],
    )
    for name, beat_at in Heartbeat.objects.values_list("name", "beat_at"):
        ages.add_metric([name], max(0.0, (now - beat_at).total_seconds()))
    yield ages
    open_alerts = Alert.objects.open().count()
    yield gauge("dailychallenge_open_alerts", "Alerts that nobody has resolved.", open_alerts)
    totals: dict[str, list[tuple[list[str], float]]] = {}
    for name, labels, total in Tally.objects.values_list("name", "labels", "total"):
        totals.setdefault(name, []).append((labels, total))
    yield from (tally.family(totals) for tally in _tallies)


def _of_broker() -> Iterator[Metric]:
    """How many messages wait in each queue, and how many a worker has taken and not finished."""
    try:
        with redis.Redis.from_url(
            settings.BROKER_URL,
            socket_timeout=_BROKER_TIMEOUT_S,
            socket_connect_timeout=_BROKER_TIMEOUT_S,
        ) as broker:
            pipeline = broker.pipeline(transaction=False)
            for queue in settings.TASK_QUEUES:
                pipeline.llen(queue)
            *depths, taken = pipeline.hlen("unacked").execute()
    except (redis.RedisError, OSError) as error:
        log.warning("metrics_without_broker", error=str(error))
        yield gauge("dailychallenge_broker_up", "1 while the broker answers.", 0)
        return
    yield gauge("dailychallenge_broker_up", "1 while the broker answers.", 1)
    waiting = GaugeMetricFamily(
        "dailychallenge_queue_messages", "Messages that wait for a worker.", labels=["queue"]
    )
    for queue, depth in zip(settings.TASK_QUEUES, depths, strict=True):
        waiting.add_metric([queue], depth)
    yield waiting
    yield gauge("dailychallenge_queue_taken", "Messages that a worker has and works on.", taken)


def gauge(name: str, meaning: str, value: float) -> Metric:
    """A figure without labels."""
    return GaugeMetricFamily(name, meaning, value=value)
