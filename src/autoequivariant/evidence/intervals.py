"""Evidence: what a number of correct answers says, and whether two networks can be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm


def wilson_interval(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share of correct answers (Wilson, 1927).

    Args:
        correct: number of correct answers.
        n: number of answers, 1 or more.
        level: its coverage. Default: 0.95.
    """
    z = float(norm.ppf(0.5 + level / 2))
    share = correct / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(scores: NDArray[Any], level: float = 0.95) -> tuple[float, float]:
    """Return an interval of the mean of one network's scores.

    Wilson's for right and wrong answers, and for other scores the mean and its standard errors.

    Args:
        scores: one for each sample, shape `(n,)`, bool or float.
        level: its coverage. Default: 0.95.
    """
    if scores.dtype == bool:
        return wilson_interval(int(scores.sum()), int(scores.size), level)
    spread = float(scores.std(ddof=1, dtype=np.float64)) if scores.size > 1 else 0.0
    half = float(norm.ppf(0.5 + level / 2)) * spread / math.sqrt(scores.size)
    mean = float(scores.mean(dtype=np.float64))
    return mean - half, mean + half


@dataclass(frozen=True)
class Difference:
    """Mean of paired differences in accuracy and its standard error, both as shares of 1."""

    mean: float
    standard_error: float

    @property
    def is_distinguishable(self) -> bool:
        """Whether the first is better by more than one standard error."""
        # One differing answer is exactly one standard error: rounding must not decide that.
        return self.mean > self.standard_error * (1 + 1e-9)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval of the mean with this coverage."""
        half = float(norm.ppf(0.5 + level / 2)) * self.standard_error
        return self.mean - half, self.mean + half


def paired_difference(first: NDArray[Any], second: NDArray[Any]) -> Difference:
    """Compare two networks on the same samples, each trained with the same several seeds.

    Args:
        first, second: whether each is right, or its score, on each sample, shape `(seeds, n)`.

    Returns:
        The mean over samples of the difference between their mean scores over seeds, and its
        standard error over samples.
    """
    differences = first.mean(axis=0, dtype=np.float64) - second.mean(axis=0, dtype=np.float64)
    spread = differences.std(ddof=1) if differences.size > 1 else 0.0
    return Difference(float(differences.mean()), float(spread / math.sqrt(differences.size)))
