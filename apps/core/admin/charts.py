"""Data for Unfold's chart component, in the colours of the admin, readable in light and dark."""

import json
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

_QUIET = "#8b929a"
# One after the other, unless the series says better what it is.
_COLOURS = ("#5b86b5", "#c9772f")
_SAYING = {"Failed or bounced": "#cf4533"}


def bars(
    labels: Sequence[str], series: Mapping[str, Sequence[int]], *, is_lying: bool = False
) -> dict[str, str]:
    """Bars on top of each other, one colour a series; lying ones for long labels.

    Returns `data` and `options` for the component.
    """
    datasets = [
        {
            "label": name,
            "data": list(values),
            "backgroundColor": _SAYING.get(name, colour),
            "maxBarThickness": 18,
        }
        for (name, values), colour in zip(series.items(), cycle(_COLOURS), strict=False)
    ]
    return {
        "data": json.dumps({"labels": list(labels), "datasets": datasets}),
        "options": json.dumps(_options(is_lying=is_lying, has_legend=len(series) > 1)),
    }


def _options(*, is_lying: bool, has_legend: bool) -> dict[str, Any]:
    counts = {
        "stacked": True,
        "beginAtZero": True,
        "border": {"display": False},
        "grid": {"lineWidth": 0.5},
        "ticks": {"precision": 0, "color": _QUIET},
    }
    names = {
        "stacked": True,
        "grid": {"display": False},
        "ticks": {"color": _QUIET, "maxRotation": 0}
        | ({"autoSkip": False} if is_lying else {"maxTicksLimit": 15}),
    }
    return {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "indexAxis": "y" if is_lying else "x",
        "plugins": {
            "legend": {
                "display": has_legend,
                "align": "end",
                "labels": {"color": _QUIET, "boxWidth": 8, "boxHeight": 8},
            }
        },
        "scales": {"x": counts, "y": names} if is_lying else {"x": names, "y": counts},
    }
