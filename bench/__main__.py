"""`python -m bench NAME [options]`, or `all` for a short form of everything.

The last line of output is one JSON object, or with `all` a table. The exit code says whether all
targets were met.
"""

import argparse
import subprocess
import sys
from importlib import import_module

from bench.outcome import Outcome, as_json, from_json, in_words, table
from bench.registry import BENCHMARKS
from bench.servers import own_servers


def main(words: list[str]) -> int:
    """Run one benchmark, or all of them in short."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, add_help=False)
    parser.add_argument("name", choices=["all", *BENCHMARKS])
    chosen, options = parser.parse_known_args(words or ["--help"])
    return run_all() if chosen.name == "all" else run_one(chosen.name, options)


def run_one(name: str, words: list[str]) -> int:
    """Run one benchmark on servers of its own. Its module may import Django, and does it here."""
    with own_servers():
        benchmark = import_module(f"bench.{BENCHMARKS[name].module}")
        parser = argparse.ArgumentParser(
            prog=f"python -m bench {name}", description=benchmark.__doc__
        )
        benchmark.add_arguments(parser)
        outcomes: list[Outcome] = benchmark.run(parser.parse_args(words))
    for outcome in outcomes:
        print(in_words(outcome))
    print(as_json(outcomes))
    return 0 if all(outcome.is_ok for outcome in outcomes) else 1


def run_all() -> int:
    """Each short form in a process of its own, so that nothing is warm from another."""
    outcomes: list[Outcome] = []
    broken = []
    for name, benchmark in BENCHMARKS.items():
        for options in benchmark.short_forms:
            words = [name, *options.split()]
            print("-->", *words, flush=True)
            command = [sys.executable, "-m", "bench", *words]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
            print(done.stdout, end="", flush=True)
            found = from_json(done.stdout)
            outcomes += found
            if not found:
                broken.append(" ".join(words))
    print("\n" + table(outcomes))
    if broken:
        print(f"Without a result: {', '.join(broken)}")
    return 0 if not broken and all(outcome.is_ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
