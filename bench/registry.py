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
    "plan": Benchmark("plan", ("--subscribers 10000 --history 10 --pairs 5",)),
    "send": Benchmark("send", ("--count 600 --pairs 5",)),
}
