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

    def as_json(self) -> str:
        """The last line of a benchmark."""
        found = {
            "bench": self.name,
            "ratio": round(self.ratio, 3),
            "min": round(min(self.ratios), 3),
            "max": round(max(self.ratios), 3),
            "target": self.target,
            "ok": self.is_ok,
        }
        return json.dumps(found | self.orientation)

    def in_words(self) -> str:
        """One line for people."""
        sign = "≤" if self.at_most else "≥"
        verdict = "met" if self.is_ok else "MISSED"
        spread = f"{min(self.ratios):.2f}–{max(self.ratios):.2f}"
        return (
            f"{self.name}: {self.ratio:.2f} ({spread} in {len(self.ratios)} pairs), "
            f"target {sign} {self.target}: {verdict}  {self.orientation}"
        )


def table(outcomes: Sequence[Outcome]) -> str:
    """All outcomes, aligned."""
    rows = [("benchmark", "ratio", "min", "max", "target", "")]
    for outcome in outcomes:
        sign = "≤" if outcome.at_most else "≥"
        rows.append(
            (
                outcome.name,
                f"{outcome.ratio:.2f}",
                f"{min(outcome.ratios):.2f}",
                f"{max(outcome.ratios):.2f}",
                f"{sign} {outcome.target}",
                "met" if outcome.is_ok else "MISSED",
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
