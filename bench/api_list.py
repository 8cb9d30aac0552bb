"""20 problems with nested tags for somebody who is signed in, against a plain answer under the same
server, token check, limiter and headers.
"""

import argparse
import json

from bench.api_content import access_token, fill_bank
from bench.outcome import Outcome
from bench.web import Caller, rate, web_server

LIST, PLAIN = "/api/problems/", "/api/plain/"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--callers", type=int, default=4)


def run(options: argparse.Namespace) -> list[Outcome]:
    fill_bank(tags=60, problems=options.problems)
    access = access_token()
    turn = {"access": access, "callers": options.callers, "seconds": options.seconds}
    with web_server("bench.api_settings", processes=options.processes) as port:
        _check(Caller(port, LIST, access).ask(), options.problems)
        for path in (LIST, PLAIN):
            rate(port, path, **turn)
        pairs = [
            (rate(port, LIST, **turn), rate(port, PLAIN, **turn)) for _ in range(options.pairs)
        ]
    lists, plain = zip(*pairs, strict=True)
    told = {"list_per_s": round(max(lists)), "plain_per_s": round(max(plain))}
    ratios = [ours / theirs for ours, theirs in pairs]
    return [Outcome("api-list", ratios, 0.15, orientation=told)]


def _check(body: bytes, count: int) -> None:
    """The list is what it should be."""
    found = json.loads(body)
    assert found["count"] == count
    assert len(found["results"]) == 20
    assert all(
        set(tag) == {"id", "name", "slug"} for each in found["results"] for tag in each["tags"]
    )
    assert {len(problem["tags"]) for problem in found["results"]} == {1, 2, 3}
