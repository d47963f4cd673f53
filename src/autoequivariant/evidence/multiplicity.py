"""Corrections for several tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm's step-down method (1979).

    Rejecting those of at most 5% makes a false rejection in at most 5% of runs, whatever the
    dependence between the tests.
    """
    count = len(p_values)
    adjusted = np.zeros(count)
    largest = 0.0
    for rank, number in enumerate(np.argsort(p_values, kind="stable")):
        largest = max(largest, (count - rank) * p_values[number])
        adjusted[number] = min(1.0, largest)
    return [float(p) for p in adjusted]
