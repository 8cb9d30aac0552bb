"""So many due at once, through beat, Redis and two workers, to settled: how late the last one is,
against planning and sending alone, without beat and Redis, by as many processes.
"""

import argparse
import random
import tempfile
import time
from email import message_from_bytes, policy
from pathlib import Path

from django.utils import timezone

from apps.mail.models import HANDED_OVER
from apps.notifications.models import Delivery, Subscription
from apps.notifications.services import plan_due
from apps.problems.models import Problem
from bench.audience import gather, tidy
from bench.bank import plant, stock
from bench.outcome import Outcome
from bench.processes import Senders, platform, wait_until
from bench.sink import Sink


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=20_000, help="subscribers due at once")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)


def run(options: argparse.Namespace) -> list[Outcome]:
    dice = random.Random(7)
    tags = plant(30, dice)
    stock(4 * (options.pairs + 1) + 40, tags, dice)
    gather(options.count, tags, dice)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sink() as sink,
        Senders(options.workers, sink.port) as senders,
    ):
        log = Path(folder) / "programs.log"
        _alone(options.count, senders, sink)
        pairs = [
            (_alone(options.count, senders, sink), _through_all(options, sink, log))
            for _ in range(options.pairs)
        ]
    alone_s, lag_s = (min(seconds) for seconds in zip(*pairs, strict=True))
    return [
        Outcome(
            "e2e",
            [lag / alone for alone, lag in pairs],
            1.3,
            at_most=True,
            orientation={
                "count": options.count,
                "alone_s": round(alone_s, 1),
                "last_after_s": round(lag_s, 1),
            },
        )
    ]


def _alone(count: int, senders: Senders, sink: Sink) -> float:
    """Seconds of planning, and then of sending."""
    tidy()
    _all_due()
    began = time.perf_counter()
    plan_due()
    seconds = time.perf_counter() - began + senders.send()
    _check(count, sink)
    return seconds


def _through_all(options: argparse.Namespace, sink: Sink, log: Path) -> float:
    """Seconds from the instant that all were due to the instant the last was sent."""
    tidy()
    with platform(options.workers, sink.port, log):
        due_at = _all_due()
        wait_until(lambda: _sent_since(due_at).count() == options.count, within_s=900)
    _check(options.count, sink)
    last = _sent_since(due_at).order_by("-sent_at").values_list("sent_at", flat=True)[0]
    return (last - due_at).total_seconds()


def _all_due():
    now = timezone.now()
    Subscription.objects.update(next_delivery_at=now)
    return now


def _sent_since(instant):
    return Delivery.objects.challenges().filter(due_at__gte=instant, status__in=HANDED_OVER)


def _check(count: int, sink: Sink) -> None:
    """Everybody got one mail that is of the bank, at the first attempt."""
    taken, recipients, samples = sink.report()
    assert (taken, recipients) == (count, count), f"{taken} mails to {recipients} people"
    titles = set(Problem.objects.values_list("title", flat=True))
    for sample in samples:
        mail = message_from_bytes(sample, policy=policy.default)
        assert mail["Subject"] in titles
        assert "What happens, and why?" in mail.get_body(("plain",)).get_content()
    assert not Delivery.objects.challenges().exclude(status="sent", attempts=1).exists()
