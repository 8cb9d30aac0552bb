"""`send --processes N`: mails per second of N senders together, against one alone."""

import argparse

from apps.notifications.models import Delivery
from bench.audience import tidy
from bench.crowd import Crowd
from bench.outcome import Outcome
from bench.processes import Senders
from bench.sink import Sink

# Of N senders that did not disturb each other; two are held to 1.6.
_SHARE = 0.8


def run(options: argparse.Namespace) -> list[Outcome]:
    crowd = Crowd(options.count)
    with (
        Sink() as sink,
        Senders(1, sink.port) as one,
        Senders(options.processes, sink.port) as several,
    ):
        for senders in (one, several):
            _seconds(crowd, senders, sink)
        pairs = [
            (_seconds(crowd, one, sink), _seconds(crowd, several, sink))
            for _ in range(options.pairs)
        ]
    alone_s, together_s = (min(seconds) for seconds in zip(*pairs, strict=True))
    return [
        Outcome(
            f"send --processes {options.processes}",
            [alone / together for alone, together in pairs],
            options.processes * _SHARE,
            orientation={
                "one_per_s": round(options.count / alone_s),
                "together_per_s": round(options.count / together_s),
            },
        )
    ]


def _seconds(crowd: Crowd, senders: Senders, sink: Sink) -> float:
    problem = crowd.plan_challenge()
    tidy()
    challenges = Delivery.objects.challenges().filter(problem=problem)
    count = challenges.count()
    seconds = senders.send()
    taken, recipients, _ = sink.report()
    assert (taken, recipients) == (count, count), f"{taken} mails to {recipients} people"
    assert not challenges.exclude(status="sent", attempts=1).exists()
    return seconds
