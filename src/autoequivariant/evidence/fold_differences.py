"""Paired differences between networks that were trained on the same folds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.intervals import Difference


@dataclass(frozen=True)
class FoldDifferences:
    """Differences on some folds of one partition, in the unit of the values compared.

    Attributes:
        mean: over all samples.
        sampling: variance of the mean of one fold, from the spread of its samples.
        between: variance of the means of the folds, which has the randomness of the trainings, too;
            0 for a single fold.
        factor: of the variance of one fold's mean, to that of the mean of all.
    """

    mean: float
    sampling: float
    between: float
    factor: float

    @property
    def ratio(self) -> float:
        """How much more folds differ than their samples explain; 1 if no more."""
        return max(1.0, self.between / self.sampling) if self.sampling else 1.0

    def difference(self, ratio: float = 1.0) -> Difference:
        """Return the mean with its standard error, for at least this `ratio`.

        The variance of the mean of `J` folds is `(1/J + m/n) S²`, where `S²` is the variance of one
        fold's mean, `n` and `m` are the numbers of samples that a network is fitted and scored on:
        `m/n` stands for the overlap of the training sets (Nadeau and Bengio, 2003, "Inference for
        the Generalization Error", section 3). `S²` of a few folds is uncertain, so it is at least
        what samples alone explain, times `ratio`.

        An interval refers to the null that networks of the two kinds, trained on random samples of
        this size, have equal expected loss. It is approximate: `m/n` is a convention, no unbiased
        estimate exists (Bengio and Grandvalet, 2004), and the interval is normal.
        """
        variance = max(self.sampling * ratio, self.between)
        return Difference(self.mean, math.sqrt(self.factor * variance))


def fold_differences(
    first: Sequence[NDArray[Any]],
    second: Sequence[NDArray[Any]],
    n_folds: int,
    clusters: Sequence[NDArray[np.int64]] | None = None,
) -> FoldDifferences:
    """Compare two networks on the folds that both were trained on.

    Args:
        first, second: values of the samples of each fold, in order; further folds of one network
            are left out.
        n_folds: folds of the whole partition, 2 or more.
        clusters: number of the cluster of each sample of each fold: samples of a cluster, such as
            copies of one sample, count as one observation. Default: each sample is its own.

    Returns:
        How much larger the values of the first are.
    """
    pairs = list(zip(first, second, strict=False))
    parts = [a.astype(np.float64) - b.astype(np.float64) for a, b in pairs]
    n = sum(part.size for part in parts)
    mean = float(sum(part.sum() for part in parts)) / n
    residuals = [part - part.mean() for part in parts]
    if clusters is not None:
        residuals = [_sums(one, of) for one, of in zip(residuals, clusters, strict=False)]
    count = sum(one.size for one in residuals)
    squares = float(sum((one**2).sum() for one in residuals))
    sampling = squares * count / max(1, count - len(parts)) / n**2 * len(parts)
    means = [part.mean() for part in parts]
    between = float(np.var(means, ddof=1)) if len(parts) > 1 else 0.0
    return FoldDifferences(mean, sampling, between, 1 / len(parts) + 1 / (n_folds - 1))


def _sums(residuals: NDArray[np.float64], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    _, inverse = np.unique(clusters, return_inverse=True)
    return np.bincount(inverse, residuals).astype(np.float64)


def together(found: Sequence[FoldDifferences]) -> list[Difference]:
    """Return several differences with standard errors that share one `ratio`, the mean of theirs.

    A few folds tell little about how much trainings vary, those of all pairs together tell more.
    """
    ratio = sum(one.ratio for one in found) / max(1, len(found))
    return [one.difference(ratio) for one in found]
