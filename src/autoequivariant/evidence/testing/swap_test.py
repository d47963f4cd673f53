"""Exact paired tests: each sample and its moved copy are swapped at random.

If `hz` has the law of `z` and `h` is drawn independently of `z`, with its inverse as likely as
itself, then the pair `(z, hz)` may be swapped: a statistic of the pairs has the same distribution
under random swaps. Its p-value over random swaps is exact for every number of samples.

The statistic is the squared length of the sum of differences in features, in units of their
covariance with a ridge (a spectrally regularised maximum mean discrepancy), or the largest part of
the sum along an axis. A swap changes the sign of one difference, so it leaves the covariance, its
axes and the unit as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from autoequivariant.evidence.testing.features import Matrix

SWAPS, MOST_SWAPS = 999, 3999
"""Random swaps of a test; more for many candidates, whose p-values are corrected."""
FEWEST = 20
"""Pairs of samples and moved copies that a test needs."""
RESOLUTIONS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Shares of samples that a departure may affect."""
_AXES = 8  # leading ones, along which departures are looked for
_RIDGE = 16  # which eigenvalue
_SHORTEST = 1e-3  # axis, as a share of the longest


def random_signs(n: int, rng: np.random.Generator, swaps: int = SWAPS) -> Matrix:
    """Return random swaps of `n` pairs, as signs, shape `(swaps, n)`."""
    bits = np.unpackbits(rng.integers(0, 256, (swaps, -(-n // 8)), np.uint8), axis=1)[:, :n]
    return 2 * bits.astype(np.float32) - 1


@dataclass(frozen=True)
class Pairs:
    """Differences between samples and moved copies, whitened.

    Attributes:
        differences: shape `(n, features)`, along the principal axes, the longest first, divided by
            `sqrt(eigenvalue + ridge)`; the ridge is the sixteenth eigenvalue.
        mean, deviation: of the squared length of the sum of differences, over all swaps.
        lengths: of the columns of `differences` of the leading axes, shape `(axes,)`.
    """

    differences: Matrix
    mean: float
    deviation: float
    lengths: Matrix

    @classmethod
    def of(cls, differences: Matrix) -> Pairs:
        """Whiten differences of features, shape `(n, features)`."""
        values, axes = np.linalg.eigh(differences.T @ differences)
        values, axes = np.maximum(values[::-1], 0).astype(np.float64), axes[:, ::-1]
        ridge = values[min(_RIDGE, len(values)) - 1] if len(values) else 0.0
        scale = np.sqrt(values + ridge)
        scale = np.where(scale > 0, scale, np.inf)
        white = differences @ (axes / scale).astype(np.float32)
        squares = np.einsum("ij,ij->i", white, white).astype(np.float64)
        both = float(np.square(white.T @ white, dtype=np.float64).sum())
        variance = 2 * (both - float(np.square(squares).sum()))
        lengths = np.linalg.norm(white[:, :_AXES], axis=0)
        is_long = lengths > _SHORTEST * lengths.max(initial=0)
        deviation = float(np.sqrt(max(variance, 0.0)))
        return cls(white, float(squares.sum()), deviation, lengths[is_long])

    def observed(self) -> float:
        """Return the statistic, all in order."""
        return float(self._statistic(self.differences.sum(axis=0, keepdims=True))[0])

    def swapped(self, signs: Matrix) -> NDArray[np.float64]:
        """Return the statistic under swaps, shape `(swaps,)`; `signs` is `(swaps, n)`."""
        return self._statistic(signs @ self.differences)

    def _statistic(self, sums: Matrix) -> NDArray[np.float64]:
        """Return the larger of two: the squared length of the sum, standardised; and its largest
        part along a leading axis, in standard deviations of equal tail probability.
        """
        squares = np.einsum("bf,bf->b", sums, sums).astype(np.float64)
        if self.deviation <= 0 or not len(self.lengths):
            return np.zeros(len(squares))
        along = np.abs(sums[:, : len(self.lengths)] / self.lengths).max(axis=1)
        both = (squares - self.mean) / self.deviation, _one_sided(along)
        return np.asarray(np.maximum(*both))

    def smallest_share(self, threshold: float, miss: float) -> float | None:
        """Return the smallest of `RESOLUTIONS` at which a departure would be seen.

        A departure in a share `r` of the samples orients those along one of the leading axes, `s`
        being the signs along it. The part of the sum along the axis then has mean `r |u|_1 / |u|`
        and variance `1 - r^2`, `u` being the differences along it; the squared length has mean
        `r^2 s'As` and variance `4 r^2 (1 - r^2) |As|^2 + 2 (1 - r^2)^2 |A|^2`, `A` being the inner
        products of differences without the diagonal. The probabilities that these exceed the
        threshold are taken from normal distributions.

        Args:
            threshold: of the statistic.
            miss: the probability with which a departure may be missed.

        Returns:
            None if none would be seen.
        """
        shares = [share for share in RESOLUTIONS if self.would_see(share, threshold, miss)]
        return min(shares, default=None)

    def would_see(self, share: float, threshold: float, miss: float) -> bool:
        """Return whether a departure in this share of the samples would be seen, on every axis."""
        white, count = self.differences, len(self.lengths)
        if len(white) < FEWEST or self.deviation <= 0 or not count:
            return False
        signs = np.where(white[:, :count] < 0, -1, 1).astype(np.float32)
        rest, quantile = 1 - share**2, ndtri(miss)
        means = np.abs(white[:, :count]).sum(axis=0) / self.lengths
        along = share * means + quantile * np.sqrt(rest)
        squares = np.einsum("ij,ij->i", white, white)[:, np.newaxis]
        pulled = white @ (white.T @ signs) - squares * signs
        means = np.einsum("iv,iv->v", pulled, signs).astype(np.float64)
        lengths = np.einsum("iv,iv->v", pulled, pulled).astype(np.float64)
        variance = 4 * share**2 * rest * lengths + (rest * self.deviation) ** 2
        squared = (share**2 * means + quantile * np.sqrt(variance)) / self.deviation
        return bool((np.maximum(squared, _one_sided(along)) > threshold).all())


def _one_sided(deviations: NDArray[Any]) -> NDArray[np.float64]:
    """Return the one-sided normal quantile of the same tail as two-sided standard deviations."""
    tail = np.minimum(2 * ndtr(-np.asarray(deviations, np.float64)), 1.0)
    return np.asarray(-ndtri(np.maximum(tail, 1e-300)))


@dataclass(frozen=True)
class Statistic:
    """A statistic as observed and under each swap.

    Attributes:
        pairs: whose it is.
        observed: with all pairs in order.
        swapped: under swaps, shape `(swaps,)`.
    """

    pairs: Pairs
    observed: float
    swapped: NDArray[np.float64]

    @classmethod
    def of(cls, differences: Matrix, signs: Matrix) -> Self:
        """Return the statistic of differences, shape `(n, features)`, under swaps `(swaps, n)`."""
        pairs = Pairs.of(differences)
        return cls(pairs, pairs.observed(), pairs.swapped(signs))

    @classmethod
    def sum(cls, parts: Sequence[Self]) -> Self:
        """Return the sum of several, weighted by the deviation of each."""
        whole = np.sqrt(sum(part.pairs.deviation**2 for part in parts)) or 1.0
        weights = [part.pairs.deviation / whole for part in parts]
        observed = sum(w * part.observed for w, part in zip(weights, parts, strict=True))
        swapped = sum(w * part.swapped for w, part in zip(weights, parts, strict=True))
        return cls(parts[0].pairs, float(observed), np.asarray(swapped, np.float64))


def largest(statistics: Sequence[Statistic]) -> tuple[float, NDArray[np.float64]]:
    """Return the largest of several statistics, as observed and under each swap."""
    observed = max(one.observed for one in statistics)
    return observed, np.max([one.swapped for one in statistics], axis=0)


def threshold(swapped: NDArray[np.float64], level: float) -> float:
    """Return what a statistic must exceed for a p-value of at most `level`."""
    count = int(level * (1 + len(swapped)) + 1e-9)
    return float(np.sort(swapped)[-count]) if count else float("inf")


def p_value(observed: float, swapped: NDArray[np.float64]) -> float:
    """Return the share of swaps with a statistic as large, the observed one among them."""
    # Rounding must not decide whether a swap that changes nothing is as large.
    if not (np.isfinite(observed) and np.isfinite(swapped).all()):
        return 1.0
    least = observed - 1e-5 * max(1.0, abs(observed))
    return (1 + int((swapped >= least).sum())) / (1 + len(swapped))


def mean_test(several: Sequence[NDArray[np.float64]], signs: Matrix) -> float:
    """Return the p-value of means above 0, each of an array of shape `(n,)`; the largest decides.

    A swap changes the sign of one number of each.
    """
    differences = np.stack(several, axis=1)
    spread = np.sqrt(np.square(differences).sum(axis=0))
    standard = differences / np.where(spread > 0, spread, 1.0)
    return p_value(float(standard.sum(axis=0).max()), (signs @ standard).max(axis=1))
