"""What a benchmark found: ratios of pairs, and whether their median meets the target."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """`at_most` tells which side of the target is the good one. `orientation` holds absolute
    figures of this machine.
    """

    name: str
    ratios: Sequence[float]
    target: float
    at_most: bool = False
    orientation: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_ok(self) -> bool:
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    @property
    def sign(self) -> str:
        return "≤" if self.at_most else "≥"

    @property
    def verdict(self) -> str:
        return "met" if self.is_ok else "MISSED"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The last line of a benchmark: the outcome it is named after, and under `also` the others.
    `ok` speaks for all of them.
    """
    first, *others = outcomes
    found = _as_dict(first) | {"ok": all(outcome.is_ok for outcome in outcomes)}
    if others:
        found["also"] = [_as_dict(outcome) for outcome in others]
    return json.dumps(found)


def from_json(output: str) -> list[Outcome]:
    """The outcomes that the last line of an output holds; none when it is something else."""
    try:
        found = json.loads(output.splitlines()[-1])
    except (IndexError, ValueError):
        return []
    return [_from_dict(each) for each in (found, *found.get("also", []))]


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "bench": outcome.name,
        "ratio": round(outcome.ratio, 3),
        "min": round(min(outcome.ratios), 3),
        "max": round(max(outcome.ratios), 3),
        "target": outcome.target,
        "ok": outcome.is_ok,
        "ratios": [round(ratio, 3) for ratio in outcome.ratios],
        "at_most": outcome.at_most,
        **outcome.orientation,
    }


def _from_dict(found: dict[str, Any]) -> Outcome:
    return Outcome(found["bench"], found["ratios"], found["target"], found["at_most"])


def in_words(outcome: Outcome) -> str:
    """One line for people."""
    spread = f"{min(outcome.ratios):.2f}–{max(outcome.ratios):.2f}"
    told = ", ".join(f"{name} {value}" for name, value in outcome.orientation.items())
    return (
        f"{outcome.name}: {outcome.ratio:.2f} ({spread} in {len(outcome.ratios)} pairs), "
        f"target {outcome.sign} {outcome.target}: {outcome.verdict}  {told}"
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """All outcomes, aligned."""
    rows = [("benchmark", "ratio", "min", "max", "target", "")]
    rows += [
        (
            outcome.name,
            f"{outcome.ratio:.2f}",
            f"{min(outcome.ratios):.2f}",
            f"{max(outcome.ratios):.2f}",
            f"{outcome.sign} {outcome.target}",
            outcome.verdict,
        )
        for outcome in outcomes
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
