"""How reports write numbers and names: every score, interval and network goes through here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autoequivariant.report.render.symmetry_names import listed

ACCURACY = "accuracy"
"""The score of a classifier, and the word for it in `results.json` where nothing else stands."""


R2 = "R²"
"""The score of regression."""


def metric_of(results: dict[str, Any]) -> str:
    """Return the word for the score that results speak of: `score`, or what they say."""
    return str(results.get("metric", ACCURACY))


def percent(share: float) -> str:
    """Write a share of 1 as a percentage."""
    return _with_minus(f"{100 * share:.1f}%")


def score(value: float, metric: str = ACCURACY) -> str:
    """Write a score: an accuracy as a percentage, others as a number."""
    return percent(value) if metric == ACCURACY else _with_minus(f"{value:.3f}")


def interval(bounds: Any, metric: str = ACCURACY) -> str:
    """Write an interval of scores."""
    low, high = bounds
    if metric != ACCURACY:
        return _with_minus(f"{low:.3f} to {high:.3f}")
    return f"{100 * low:.1f} to {100 * high:.1f}%"


def gap(difference: float, metric: str = ACCURACY, signed: bool = False) -> str:
    """Write a difference of scores: of accuracies in points of a percent, without the unit."""
    sign = "+" if signed else ""
    text = f"{100 * difference:{sign}.1f}" if metric == ACCURACY else f"{difference:{sign}.3f}"
    return _with_minus(text)


def _with_minus(number: str) -> str:
    """No hyphen before a number, and nothing before a zero."""
    return re.sub(r"-(?=(0(?:\.0*)?)(?![\d.]))", "", number).replace("-", "−")


def gap_interval(bounds: tuple[float, float], metric: str = ACCURACY) -> str:
    """Write an interval of differences, without the unit."""
    low, high = bounds
    return f"{gap(low, metric)} to {gap(high, metric)}"


def unit_of_gap(metric: str = ACCURACY) -> str:
    """Return the unit of a difference."""
    return "points" if metric == ACCURACY else metric


def counted(number: int, thing: str) -> str:
    """Write a number of things."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def augmentation(name: str) -> str:
    """Name an augmentation beside symmetries, which may have the same names."""
    return f"augmentation {name}"


def named(
    symmetries: Sequence[str], generators: Sequence[str], augmentations: Sequence[str] = ()
) -> str:
    """Name a closed state by its generators, count what follows from them, and add what it is
    trained with.
    """
    if not symmetries and not augmentations:
        return "none (baseline)"
    implied = len(symmetries) - len(generators)
    name = (listed(generators) or "none") + (f" (+{implied})" if implied else "")
    return f"{name}; augmented: {', '.join(augmentations)}" if augmentations else name
