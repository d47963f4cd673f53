"""Gaussian kernels on samples and on their labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.moves import Labelled

Matrix = NDArray[np.float32]

MOST_DIMENSIONS = 1024
"""Samples of more values are projected onto so many random directions."""
_ROWS_FOR_SCALE = 300
_LABEL_WIDTH = 0.15  # of the kernel on ranks of a target, which lie between 0 and 1


def gram(first: Matrix, second: Matrix, scale: float) -> Matrix:
    """Return `exp(-|a - b|^2 / (2 scale))` for all pairs, shape `(len(first), len(second))`."""
    found = first @ second.T
    found *= 2.0
    found -= np.einsum("ij,ij->i", first, first)[:, np.newaxis]
    found -= np.einsum("ij,ij->i", second, second)[np.newaxis]
    np.minimum(found, 0.0, out=found)  # rounding
    found *= 0.5 / scale
    np.exp(found, out=found)
    return found


def median_scale(values: Matrix) -> float:
    """Return the median squared distance between samples, shape `(n, values)`; 1 if it is 0."""
    squares = np.einsum("ij,ij->i", values, values)
    distances = squares[:, np.newaxis] + squares - 2 * values @ values.T
    upper = np.triu_indices(len(values), 1)
    scale = float(np.median(distances[upper])) if len(values) > 1 else 0.0
    return scale if scale > 0 else 1.0


class Embedding:
    """Values in comparable units, in at most `MOST_DIMENSIONS` dimensions.

    Everything is computed from the samples and their moved copies together, as if it were not known
    which is which: so the swaps of a test change nothing but the statistic.

    Args:
        x, moved: values, shape `(n, values)`.
        by_value: whether each value has units of its own, as columns of a table.
        rng: draws directions.
    """

    def __init__(self, x: Matrix, moved: Matrix, by_value: bool, rng: np.random.Generator) -> None:
        axis = 0 if by_value else None
        mean = (x.mean(axis=axis) + moved.mean(axis=axis)) / 2
        square = (np.square(x - mean).mean(axis=axis) + np.square(moved - mean).mean(axis=axis)) / 2
        spread = np.sqrt(square)
        self._mean = np.asarray(mean, np.float32)
        self._spread = np.where(spread > 0, spread, 1).astype(np.float32)
        self._directions: Matrix | None = None
        if x.shape[1] > MOST_DIMENSIONS:
            shape = (x.shape[1], MOST_DIMENSIONS)
            self._directions = rng.standard_normal(shape, np.float32) / np.float32(shape[1] ** 0.5)
        some = slice(0, _ROWS_FOR_SCALE)
        self.scale = median_scale(np.concatenate([self(x[some]), self(moved[some])]))

    def __call__(self, x: Matrix) -> Matrix:
        """Return the embedding, shape `(n, dimensions)`."""
        values = np.asarray((x - self._mean) / self._spread, np.float32)
        return values if self._directions is None else values @ self._directions


class LabelKernel:
    """A kernel on labels: equal classes, or close ranks of targets.

    For classes `[a = b] / sqrt(n_a n_b)`, so that each class counts alike.

    Args:
        samples, moved: of whose labels together classes are counted and targets are ranked.
    """

    def __init__(self, samples: Labelled, moved: Labelled) -> None:
        self._n_classes = samples.n_classes
        both = np.concatenate([samples.y, moved.y])
        if self._n_classes:
            counts = np.bincount(both, minlength=self._n_classes) / 2
            self._weights = (1 / np.sqrt(np.maximum(counts, 0.5))).astype(np.float32)
        else:
            self._sorted = np.sort(both, axis=0)

    def __call__(self, first: Labelled, second: Labelled) -> Matrix:
        """Return the kernel for all pairs."""
        if self._n_classes:
            weights = np.outer(self._weights[first.y], self._weights[second.y])
            return np.where(first.y[:, np.newaxis] == second.y, weights, np.float32(0))
        scale = self._sorted.shape[1] * _LABEL_WIDTH**2
        return gram(self._ranks(first.y), self._ranks(second.y), scale)

    def _ranks(self, y: NDArray[np.float32]) -> Matrix:
        columns = zip(self._sorted.T, y.T, strict=True)
        ranks = [np.searchsorted(known, values) / len(known) for known, values in columns]
        return np.stack(ranks, axis=1).astype(np.float32)
