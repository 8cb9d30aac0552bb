"""The problem list and the tag tree (1,000 tags) for anybody, against a plain answer under the same
server, limiter and headers.
"""

import argparse
import json
from typing import Any

from bench.api_content import fill_bank
from bench.outcome import Outcome
from bench.web import Caller, rate, web_server

LIST, TREE, PLAIN = "/api/problems/", "/api/tags/tree/", "/api/plain-public/"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--tags", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--callers", type=int, default=4)


def run(options: argparse.Namespace) -> list[Outcome]:
    fill_bank(tags=options.tags, problems=options.problems)
    turn = {"callers": options.callers, "seconds": options.seconds}
    with web_server("bench.api_settings", processes=options.processes) as port:
        _check(port, options)
        for path in (LIST, TREE, PLAIN):
            rate(port, path, **turn)
        turns = [
            [rate(port, path, **turn) for path in (LIST, TREE, PLAIN)] for _ in range(options.pairs)
        ]
    lists, trees, plain = zip(*turns, strict=True)
    told = {
        "list_per_s": round(max(lists)),
        "tree_per_s": round(max(trees)),
        "plain_per_s": round(max(plain)),
    }
    return [
        Outcome("api-public", [one / base for one, _, base in turns], 0.45, orientation=told),
        Outcome("api-public: tree", [tree / base for _, tree, base in turns], 0.45),
    ]


def _check(port: int, options: argparse.Namespace) -> None:
    """Both are what they should be."""
    found = json.loads(Caller(port, LIST).ask())
    assert (found["count"], len(found["results"])) == (options.problems, 20)
    assert _size(json.loads(Caller(port, TREE).ask())) == options.tags


def _size(nodes: list[dict[str, Any]]) -> int:
    return sum(1 + _size(node["children"]) for node in nodes)
