"""Features of samples in which the tests are linear: kernels with some samples, the landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Matrix = NDArray[np.float32]

SKETCHED = 2048
"""Values of a sample, at most, from which distances are computed."""
_SMALLEST = 1e-5  # eigenvalue of the kernel of landmarks, as a share of the largest
_LARGEST = 6.0  # standard deviations of a column


def median_squared_distance(points: NDArray[Any]) -> float:
    """Return the median squared distance of two of these points, shape `(n, d)`; 0 for one."""
    from scipy.spatial.distance import pdist  # here, because it takes long

    distances = pdist(points, "sqeuclidean")
    return float(np.median(distances)) if len(distances) else 0.0


def _sketch(size: int) -> csr_array | None:
    """Return random sums with signs, `SKETCHED` of them, that nearly keep distances (CountSketch:
    Charikar, Chen and Farach-Colton, 2004); None for a sample of fewer values.
    """
    if size <= SKETCHED:
        return None
    rng = np.random.default_rng(size)
    signs = rng.choice(np.array([-1, 1], np.float32), size)
    places = (rng.integers(0, SKETCHED, size), np.arange(size))
    return csr_array((signs, places), shape=(SKETCHED, size))


class Features:
    """Features whose inner products approximate a Gaussian kernel (Nyström's approximation).

    Everything is computed from landmarks. If no test sees those, features are a fixed function of
    the samples that are tested, and swaps of pairs leave it as it is.

    Args:
        landmarks: values of samples, shape `(m, values)`.
        by_value: whether each value has units of its own, as columns of a table.
        width: squared width of the kernel, as a share of the median squared distance between
            landmarks.
        categories: of each value, how many categories it is a code of, 0 for a number: then two
            categories are as far from each other as any two. Default: all are numbers.
        units: of values without units of their own, the number of the quantity that each measures,
            from 0. Default: all measure one.
    """

    def __init__(
        self,
        landmarks: Matrix,
        by_value: bool,
        width: float,
        categories: Sequence[int] = (),
        units: NDArray[np.int64] | None = None,
    ) -> None:
        self._by_value, self._categories = by_value, tuple(categories)
        landmarks = self._coded(landmarks)
        axis = 0 if by_value else None
        spread = np.asarray(landmarks.std(axis=axis, dtype=np.float64))
        mean = np.asarray(landmarks.mean(axis=axis, dtype=np.float64))
        if self._categories:
            spread = self._by_column(spread)
        if units is not None and len(np.unique(units)) > 1:
            groups = [landmarks[:, units == unit] for unit in range(int(units.max()) + 1)]
            spread = np.array([group.std(dtype=np.float64) for group in groups])[units]
            mean = np.array([group.mean(dtype=np.float64) for group in groups])[units]
        self._mean = mean.astype(np.float32)
        self._per_unit = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 1)
        self._per_unit = self._per_unit.astype(np.float32)
        self._sketch = _sketch(landmarks.shape[1])
        self._landmarks = self._standard(landmarks)
        median = median_squared_distance(self._landmarks)
        self._rate = np.float32(0.5 / (width * median if median > 0 else 1.0))
        kernel = self._kernel(self._landmarks).astype(np.float64)
        values, vectors = np.linalg.eigh(kernel)
        kept = values > _SMALLEST * max(values.max(initial=0.0), 0.0)
        self._basis = (vectors[:, kept] / np.sqrt(values[kept]))[:, ::-1].astype(np.float32)

    def __call__(self, x: Matrix) -> Matrix:
        """Return features, shape `(n, features)`; those of the largest variance come first."""
        return np.asarray(self._kernel(self._standard(self._coded(x))) @ self._basis)

    def _coded(self, x: Matrix) -> Matrix:
        """Return samples with a value of 0 or 1 for each category of a column."""
        if not self._categories:
            return x
        parts = [
            x[:, [column]] == np.arange(count) if count else x[:, [column]]
            for column, count in enumerate(self._categories)
        ]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def _by_column(self, spread: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the spread of each value; all categories of a column have that of the column."""
        first = np.cumsum([0, *(max(1, count) for count in self._categories)])
        whole = np.sqrt(np.add.reduceat(np.square(spread), first[:-1]))
        return np.repeat(whole, np.diff(first))

    def _standard(self, x: Matrix) -> Matrix:
        values = (x - self._mean) * self._per_unit
        if self._by_value:
            values = np.clip(values, -_LARGEST, _LARGEST)
        if self._sketch is not None:
            values = np.ascontiguousarray((self._sketch @ values.T).T)
        return np.asarray(values, np.float32)

    def _kernel(self, x: Matrix) -> Matrix:
        known = self._landmarks
        found = x @ known.T
        found *= 2
        found -= np.einsum("ij,ij->i", x, x)[:, np.newaxis]
        found -= np.einsum("ij,ij->i", known, known)
        np.minimum(found, 0, out=found)  # rounding
        found *= self._rate
        return np.asarray(np.exp(found, out=found))
