"""A predictor that believes one candidate, to test others with more power.

Where a ring holds, all products of neighbours have one coefficient, which is seen in few samples;
whether the ring has a direction is then seen, too. Swaps of another candidate are exact whatever
predicts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from autoequivariant.evidence.testing.features import Matrix
from autoequivariant.evidence.testing.predictors import Ridge
from autoequivariant.evidence.testing.products import powers_of
from autoequivariant.groups.element import Element
from autoequivariant.groups.orbits import pair_orbits, point_orbits

MOST_COLUMNS = 64
"""Of more columns, nothing is pooled."""
_MOST_BELIEVED = 16
_SAMPLES_PER_ORBIT = 3


class Pooled:
    """Ridge regression on sums of columns, squares and products over the orbits of an element.

    Args:
        x, y: samples, shape `(n, columns)`, and targets, shape `(n, outputs)`, of which none is to
            be tested.
        element: leaves outputs and signs as they are.
    """

    def __init__(self, x: Matrix, y: NDArray[np.float64], element: Element) -> None:
        move, size = element.points, element.points.size
        self._points = point_orbits([move], size).labels
        self._pairs = pair_orbits([move], [move], size, size).labels
        alike = self._points[np.newaxis] == np.arange(self._points.max() + 1)[:, np.newaxis]
        shares = (alike / alike.sum(axis=1, keepdims=True)).astype(np.float64)
        self._mean = (shares @ x.mean(axis=0))[self._points].astype(np.float32)
        spread = np.sqrt(shares @ np.square(x - self._mean).mean(axis=0))[self._points]
        self._spread = np.where(spread > 0, spread, 1).astype(np.float32)
        features = self._features(x)
        self._scale = np.maximum(features.std(axis=0), 1e-6)
        self._ridge = Ridge.fit(features / self._scale, y)
        left = self._ridge(features / self._scale) - y
        self.error = float(np.square(left).mean()) / (1 - min(0.9, features.shape[1] / len(x))) ** 2
        """Squared error, corrected for the number of features."""

    def __call__(self, x: Matrix) -> NDArray[np.float64]:
        """Return predictions, shape `(n, outputs)`."""
        return self._ridge(self._features(x) / self._scale)

    def is_left_by(self, element: Element) -> bool:
        """Whether predictions are the same after a move."""
        image = element.points.image
        return np.array_equal(self._pairs[np.ix_(image, image)], self._pairs)

    def _features(self, x: Matrix) -> Matrix:
        z, squares = powers_of((x - self._mean) / self._spread)
        columns, pairs = _sums(self._points), _sums(self._pairs.reshape(-1))
        products = [(z[:, :, np.newaxis] * other[:, np.newaxis]) for other in (z, squares)]
        parts = [columns @ z.T, columns @ squares.T]
        parts += [pairs @ one.reshape(len(x), -1).T for one in products]
        return np.concatenate(parts).T.astype(np.float32)


def pooled_predictors(
    x: Matrix, y: NDArray[np.float64], elements: Sequence[Element]
) -> list[Pooled]:
    """Return predictors that believe one of some candidates each, the best first.

    Args:
        x, y: as in `Pooled`.
        elements: generators of the candidates.
    """
    found = []
    if x.shape[1] <= MOST_COLUMNS:
        for one in elements[:_MOST_BELIEVED]:
            move, size = one.points, one.points.size
            if move.is_signed or move.is_identity or not one.outputs.is_identity:
                continue
            orbits = pair_orbits([move], [move], size, size).count
            if 2 * _SAMPLES_PER_ORBIT * orbits <= len(x):
                found.append(Pooled(x, y, one))
    return sorted(found, key=lambda one: one.error)


def _sums(labels: NDArray[np.int32]) -> csr_array:
    """Return the matrix that sums over orbits."""
    places = (labels, np.arange(len(labels)))
    return csr_array((np.ones(len(labels), np.float32), places))
