"""Running totals of what workers do, kept in the database because nobody scrapes a worker.

A run counts into a Tallies and saves it now and then: one statement, whatever was counted. A run
that is killed loses what it had not saved; the ledger stays the truth, this is for graphs.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

log = structlog.get_logger(__name__)

Totals = Mapping[str, Sequence[tuple[list[str], float]]]


@dataclass(frozen=True)
class TallyCounter:
    """A total by labels, shown as `<name>_total`."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()

    def family(self, totals: Totals) -> Metric:
        """What was counted, as Prometheus wants it."""
        family = CounterMetricFamily(self.name, self.meaning, labels=self.labels)
        for values, total in totals.get(self.name, ()):
            family.add_metric(values, total)
        return family


@dataclass(frozen=True)
class TallyHistogram:
    """How many observations fell under each bound, by labels, and their sum."""

    name: str
    meaning: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...] = ()

    def bucket(self, value: float) -> str:
        """The name of the first bound that is not below the value."""
        index = bisect_left(self.bounds, value)
        return _INFINITE if index == len(self.bounds) else _named(self.bounds[index])

    def family(self, totals: Totals) -> Metric:
        """What was observed; the bounds are stored apart and added up here."""
        family = HistogramMetricFamily(self.name, self.meaning, labels=self.labels)
        sums = {tuple(values): total for values, total in totals.get(f"{self.name}_sum", ())}
        counts: dict[tuple[str, ...], dict[str, float]] = {}
        for (*values, bound), total in totals.get(self.name, ()):
            counts.setdefault(tuple(values), {})[bound] = total
        for labels, found in counts.items():
            family.add_metric(labels, self._added_up(found), sum_value=sums.get(labels, 0.0))
        return family

    def _added_up(self, found: Mapping[str, float]) -> list[tuple[str, float]]:
        total = 0.0
        buckets = []
        for bound in (*map(_named, self.bounds), _INFINITE):
            total += found.get(bound, 0.0)
            buckets.append((bound, total))
        return buckets


def _named(bound: float) -> str:
    return str(float(bound))


_INFINITE = "+Inf"
AnyTally = TallyCounter | TallyHistogram


class Tallies:
    """What one run has counted and not saved yet."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, tuple[str, ...]], float] = {}

    def count(self, counter: TallyCounter, *labels: str, by: float = 1) -> None:
        """Count `by` more under these labels."""
        self._add(counter.name, labels, by)

    def observe(self, histogram: TallyHistogram, value: float, *labels: str) -> None:
        """Note one observation; what lies before nought counts as nought."""
        value = max(0.0, value)
        self._add(histogram.name, (*labels, histogram.bucket(value)), 1)
        self._add(f"{histogram.name}_sum", labels, value)

    def save(self) -> None:
        """Add it to the stored totals. Call it outside a transaction; figures that cannot be
        stored are dropped with a log line, because work goes before figures.
        """
        totals, self._totals = self._totals, {}
        if not totals:
            return
        # In one order, so that two runs never wait for each other.
        rows = sorted((name, list(labels), by) for (name, labels), by in totals.items())
        try:
            with connection.cursor() as cursor:
                values = [value for row in rows for value in row]
                cursor.execute(_SAVE % ", ".join(["(%s, %s, %s)"] * len(rows)), values)
        except DatabaseError as error:
            log.warning("tallies_lost", count=len(rows), error=str(error).strip())

    def _add(self, name: str, labels: tuple[str, ...], by: float) -> None:
        self._totals[name, labels] = self._totals.get((name, labels), 0.0) + by


_SAVE = """INSERT INTO core_tally (name, labels, total) VALUES %s
           ON CONFLICT (name, labels) DO UPDATE SET total = core_tally.total + EXCLUDED.total"""
