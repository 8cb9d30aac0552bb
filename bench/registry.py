"""The benchmarks there are. A new one is a module of this package with `add_arguments(parser)` and
`run(options)`, which returns its outcomes, the one it is named after first; and a line here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`short_forms` are the options of each of its runs in `make bench`."""

    module: str
    short_forms: tuple[str, ...] = ("",)


BENCHMARKS = {
    "plan": Benchmark(
        "plan", ("--subscribers 5000 --history 5 --tags 60 --problems 800 --pairs 5",)
    ),
    "send": Benchmark("send", ("--count 600 --pairs 5", "--processes 2 --count 1500 --pairs 5")),
    "api-list": Benchmark("api_list", ("--seconds 1 --pairs 5",)),
    "api-public": Benchmark("api_public", ("--seconds 1 --pairs 5",)),
    "e2e": Benchmark("e2e", ("--count 6000 --pairs 5",)),
}
