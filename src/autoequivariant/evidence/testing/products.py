"""Features of tables without main effects: columns, their squares and the best products of two.

A kernel on a few hundred samples hardly sees a function of many columns whose effects are products.
Few products are enough for many such functions, and they are found one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.features import Matrix

MOST_COLUMNS = 64
"""Of more columns no products are looked for."""
PER_COLUMN = 4
"""Products."""
_LARGEST = 3.0  # standard deviations of a column
_SMALL = 1e-6
_WEIGHT = 3.0  # of the features of the kernel, beside a product


class Products:
    """Columns, squares, and products of columns that explain the most of what these leave.

    Products are `a b`, and `a (b^2 - 1)`, which has a direction. Everything is computed from the
    samples that are given.

    Args:
        x: values of samples, shape `(n, columns)`.
        y: what is predicted, shape `(n, outputs)`.
        count: number of products.
        is_number: which columns are no codes of categories, shape `(columns,)`.
    """

    def __init__(
        self, x: Matrix, y: NDArray[np.float64], count: int, is_number: NDArray[np.bool_]
    ) -> None:
        spread = x.std(axis=0, dtype=np.float64)
        self._columns = np.flatnonzero(is_number & (spread > 0))
        self._mean = x.mean(axis=0, dtype=np.float64)[self._columns].astype(np.float32)
        self._spread = spread[self._columns].astype(np.float32)
        z, squares = self._powers(x)
        left = _residuals(np.concatenate([z, squares], axis=1), y)
        both = np.stack([_scores(z, z, left), _scores(z, squares, left)])
        both[0][np.tril_indices(len(both[0]))] = -1
        np.fill_diagonal(both[1], -1)
        best = np.argsort(-both.reshape(-1), kind="stable")[:count]
        best = best[both.reshape(-1)[best] >= 0]
        self._kind, self._first, self._second = np.unravel_index(best, both.shape)

    def __call__(self, x: Matrix) -> Matrix:
        """Return features, shape `(n, features)`."""
        z, squares = self._powers(x)
        second = np.where(self._kind == 1, squares[:, self._second], z[:, self._second])
        return np.concatenate([z, squares, z[:, self._first] * second], axis=1, dtype=np.float32)

    def _powers(self, x: Matrix) -> tuple[Matrix, Matrix]:
        z = (x[:, self._columns] - self._mean) / self._spread
        return powers_of(z)


def powers_of(z: Matrix) -> tuple[Matrix, Matrix]:
    """Return standardised values, without outliers, and their squares less 1."""
    z = np.clip(z, -_LARGEST, _LARGEST)
    return z, np.square(z) - 1


def _residuals(x: Matrix, y: NDArray[np.float64]) -> Matrix:
    """Return what a ridge regression leaves of `y`, in standard deviations."""
    centred, targets = x - x.mean(axis=0), y - y.mean(axis=0)
    products = centred.T.astype(np.float64) @ centred
    products[np.diag_indices(len(products))] += np.sqrt(len(x))
    left = targets - centred @ np.linalg.solve(products, centred.T @ targets)
    return np.asarray(left / np.maximum(left.std(axis=0), _SMALL), np.float32)


def _scores(first: Matrix, second: Matrix, left: Matrix) -> NDArray[np.float64]:
    """Return the largest squared correlation of each product with what is left of any output."""
    n = len(left)
    mean = first.T @ second / n
    variance = np.square(first).T @ np.square(second) / n - np.square(mean)
    best = np.zeros(mean.shape)
    for column in left.T:
        shared = first.T @ (second * column[:, np.newaxis]) / n
        best = np.maximum(best, np.square(shared) / np.maximum(variance, _SMALL))
    return best


def with_products(
    kernel: Callable[[Matrix], Matrix],
    x: Matrix,
    y: NDArray[np.float64],
    is_number: NDArray[np.bool_],
) -> Callable[[Matrix], Matrix]:
    """Return features of a kernel with products beside them; of many columns, those of the kernel.

    Args:
        kernel: features of a kernel.
        x, y, is_number: as in `Products`; samples of which none is to be tested.
    """
    columns = int(is_number.sum())
    if not 2 <= columns <= MOST_COLUMNS:
        return kernel
    products = Products(x, y, PER_COLUMN * columns, is_number)
    weight = np.float32(_WEIGHT * np.sqrt(columns))

    def features(values: Matrix) -> Matrix:
        return np.concatenate([products(values), weight * kernel(values)], axis=1)

    return features
