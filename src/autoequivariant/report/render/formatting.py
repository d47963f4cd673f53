"""How reports write numbers and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autoequivariant.errors import printable
from autoequivariant.report.render.symmetry_names import listed

ACCURACY = "accuracy"
"""The score of a classifier."""
R2 = "R²"
"""The score of a regressor."""
_LONGEST_IN_SECONDS = 120
_LONGEST_NUMBER = 6


def percent(share: float) -> str:
    """Write a fraction as a percentage."""
    return _with_minus(f"{100 * share:.1f}%")


def score(value: float, metric: str = ACCURACY) -> str:
    """Write a score: an accuracy as a percentage, anything else as a number."""
    return percent(value) if metric == ACCURACY else _number(value)


def interval(bounds: Any, metric: str = ACCURACY) -> str:
    """Write an interval of scores."""
    low, high = bounds
    if metric != ACCURACY:
        return f"{_number(low)} to {_number(high)}"
    return f"{100 * low:.1f} to {100 * high:.1f}%"


def gap(difference: float, metric: str = ACCURACY, signed: bool = False) -> str:
    """Write a difference of scores without its unit (`unit_of_gap`)."""
    sign = "+" if signed else ""
    if metric != ACCURACY:
        return _number(difference, sign)
    return _with_minus(f"{100 * difference:{sign}.1f}")


def _number(value: float, sign: str = "") -> str:
    """Write a number with three decimals, or fewer digits if those take too many characters: an R²
    has no lower bound.
    """
    texts = (f"{value:{sign}.{decimals}f}" for decimals in (3, 2, 1, 0))
    fitting = (text for text in texts if len(text) <= _LONGEST_NUMBER)
    return _with_minus(next(fitting, f"{value:{sign}.0e}"))


def _with_minus(number: str) -> str:
    """Write a minus sign for a hyphen, and no sign before a zero."""
    return re.sub(r"-(?=(0(?:\.0*)?)(?![\d.]))", "", number).replace("-", "−")


def gap_interval(bounds: tuple[float, float], metric: str = ACCURACY, signed: bool = False) -> str:
    """Write an interval of differences without its unit."""
    low, high = bounds
    return f"{gap(low, metric, signed)} to {gap(high, metric, signed)}"


def unit_of_gap(metric: str = ACCURACY) -> str:
    """Return the unit of a difference: percentage points, or the metric itself."""
    return "points" if metric == ACCURACY else metric


def counted(number: int, thing: str) -> str:
    """Write a number of things, as in `1 network` and `2 networks`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Write a duration for people: `41 s`, `3 min`, `1 h 20 min`."""
    if seconds < _LONGEST_IN_SECONDS:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes and hours < 24 else f"{hours} h"


def cut(text: str, longest: int) -> str:
    """Cut a text for a terminal, and show control characters instead of sending them."""
    text = printable(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def augmentation(name: str) -> str:
    """Name an augmentation, which may be called like a symmetry."""
    return f"augmentation {name}"


def named(
    symmetries: Sequence[str], generators: Sequence[str], augmentations: Sequence[str] = ()
) -> str:
    """Name a closed state by its generators, the number of candidates that they imply, and the
    augmentations it is trained with.
    """
    if not symmetries and not augmentations:
        return "none (baseline)"
    implied = len(symmetries) - len(generators)
    name = (listed(generators) or "none") + (f" (+{implied})" if implied else "")
    return f"{name}; augmented: {', '.join(augmentations)}" if augmentations else name
