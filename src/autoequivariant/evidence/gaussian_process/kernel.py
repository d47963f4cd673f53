"""Kernels of functions that a group leaves as they are: a stationary one, averaged over the group.

A Matern kernel of smoothness 3/2 has a length scale for each column, and columns that the group
exchanges share theirs. So it does not change if both samples move, and the average over moves of
one of them, `mean_h k(x, h x')`, is the average over moves of both, which is a kernel. With untied
scales it is not: it has negative eigenvalues.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.groups.element import Element

Vector = NDArray[np.float64]


class InvariantKernel:
    """The kernel of all pairs of some samples, as a function of the length scales.

    For a target that the group negates, the average has the signs: functions then change sign as
    their argument moves.

    Args:
        x: values, shape `(n, columns)`.
        group: all elements of a group.
        signs: of one target under each element, +1 or -1.

    Attributes:
        n_scales: number of length scales, one for each orbit of columns.
        rows, columns: the samples of each pair, the second at or after the first, shape `(pairs,)`.
        is_even: whether no element negates the target; only then are constants among the functions.
    """

    def __init__(self, x: Vector, group: Sequence[Element], signs: ArrayLike) -> None:
        smallest = np.min([one.points.image for one in group], axis=0)
        orbits = np.unique(smallest, return_inverse=True)[1]
        self.n_scales = int(orbits.max()) + 1
        self.is_even = bool(np.min(signs) > 0)
        self.rows, self.columns = np.triu_indices(len(x))
        unit = x / _spread(x, orbits)
        squares = np.empty((self.n_scales, len(group), len(self.rows)))
        for number, one in enumerate(group):
            difference = unit[self.rows] - one.points.apply(unit)[self.columns]
            for orbit in range(self.n_scales):
                part = difference[:, orbits == orbit]
                squares[orbit, number] = np.einsum("ij,ij->i", part, part)
        self._squares = squares.reshape(self.n_scales, -1)
        self._shares = np.asarray(signs, np.float64) / len(group)

    def __call__(self, log_scales: Vector) -> tuple[Vector, Vector]:
        """Return the kernel of each pair, and what `gradient` needs.

        Args:
            log_scales: in units of the columns' standard deviation, shape `(n_scales,)`.

        Returns:
            Shapes `(pairs,)` and `(elements, pairs)`.
        """
        distance = np.exp(-2 * log_scales) @ self._squares
        distance *= 3
        np.sqrt(distance, out=distance)
        decay = np.exp(-distance)
        distance += 1
        distance *= decay
        shape = len(self._shares), len(self.rows)
        return self._shares @ distance.reshape(shape), decay.reshape(shape)

    def gradient(self, log_scales: Vector, decay: Vector, weights: Vector) -> Vector:
        """Return the derivatives of a weighted sum of the pairs by each scale's logarithm."""
        slopes = decay * weights
        slopes *= self._shares[:, np.newaxis]
        return 3 * np.exp(-2 * log_scales) * (self._squares @ slopes.reshape(-1))


def _spread(x: Vector, orbits: NDArray[Any]) -> Vector:
    """Return the standard deviation of each column, the same within an orbit; 1 for constants."""
    variances = np.bincount(orbits, x.var(axis=0)) / np.bincount(orbits)
    # Rounding gives a constant column a variance above 0.
    size = np.bincount(orbits, (x**2).mean(axis=0)) / np.bincount(orbits)
    spread = np.sqrt(np.where(variances > 1e-12 * size, variances, np.where(size > 0, size, 1)))
    return np.asarray(spread[orbits])
