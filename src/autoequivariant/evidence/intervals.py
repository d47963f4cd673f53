"""Confidence intervals of mean scores, and paired differences between networks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri


def wilson_interval(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share of correct answers (Wilson, 1927).

    Args:
        correct: number of correct answers.
        n: number of answers, at least 1.
        level: coverage. Default: 0.95.
    """
    z = float(ndtri(0.5 + level / 2))
    share = correct / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(scores: NDArray[Any], level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the mean of one network's scores.

    It is Wilson's for bool, and the normal interval for float scores.

    Args:
        scores: shape `(n,)`.
        level: coverage. Default: 0.95.
    """
    if scores.dtype == bool:
        return wilson_interval(int(scores.sum()), int(scores.size), level)
    spread = float(scores.std(ddof=1, dtype=np.float64)) if scores.size > 1 else 0.0
    half = float(ndtri(0.5 + level / 2)) * spread / math.sqrt(scores.size)
    mean = float(scores.mean(dtype=np.float64))
    return mean - half, mean + half


@dataclass(frozen=True)
class Difference:
    """Mean of paired differences in score, and its standard error, in the unit of the score."""

    mean: float
    standard_error: float

    @property
    def is_distinguishable(self) -> bool:
        """Whether the first network is better by more than one standard error."""
        # One different answer is exactly one standard error; rounding must not decide this case.
        return self.mean > self.standard_error * (1 + 1e-9)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval of the mean with this coverage."""
        half = float(ndtri(0.5 + level / 2)) * self.standard_error
        return self.mean - half, self.mean + half


def paired_difference(
    first: NDArray[Any], second: NDArray[Any], clusters: NDArray[np.int64] | None = None
) -> Difference:
    """Compare two networks on the same samples, each trained with the same seeds.

    Args:
        first, second: scores, shape `(seeds, n)`, bool or float.
        clusters: number of the cluster of each sample, shape `(n,)`: samples of a cluster, such as
            copies of one sample, count as one observation (Liang and Zeger, 1986). Default: each
            sample is its own.

    Returns:
        The difference between their mean scores over seeds: its mean over samples, and the standard
        error of that.
    """
    differences = first.mean(axis=0, dtype=np.float64) - second.mean(axis=0, dtype=np.float64)
    n, mean = differences.size, float(differences.mean())
    if clusters is None:
        spread = differences.std(ddof=1) if n > 1 else 0.0
        return Difference(mean, float(spread / math.sqrt(n)))
    _, inverse = np.unique(clusters, return_inverse=True)
    sums = np.bincount(inverse, differences - mean)
    spread = float((sums @ sums) * sums.size / max(1, sums.size - 1))
    return Difference(mean, math.sqrt(spread) / n)
