"""`python -m bench NAME [options]`, or `all` for a short form of everything.

The last line of output is one JSON object, or with `all` a table.
"""

import argparse
import sys
from importlib import import_module

from bench.outcome import Outcome, table
from bench.servers import own_servers

# Name, module, and the options of its short form.
BENCHMARKS = {
    "send": ("send", ["--count", "600", "--pairs", "5"]),
}


def main(words: list[str]) -> int:
    """Run one benchmark, or all of them in short; the exit code says whether targets were met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=["all", *BENCHMARKS])
    chosen, options = parser.parse_known_args(words)
    names = BENCHMARKS if chosen.name == "all" else [chosen.name]
    outcomes = []
    with own_servers():
        for name in names:
            module, short = BENCHMARKS[name]
            outcomes += run(module, short if chosen.name == "all" else options)
    print(table(outcomes) if chosen.name == "all" else outcomes[-1].as_json())
    return 0 if all(outcome.is_ok for outcome in outcomes) else 1


def run(module: str, options: list[str]) -> list[Outcome]:
    """Import a benchmark, which may import Django now, and run it."""
    benchmark = import_module(f"bench.{module}")
    parser = argparse.ArgumentParser(
        prog=f"python -m bench {module}", description=benchmark.__doc__
    )
    benchmark.add_arguments(parser)
    outcomes: list[Outcome] = benchmark.run(parser.parse_args(options))
    for outcome in outcomes:
        print(outcome.in_words(), flush=True)
    return outcomes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
