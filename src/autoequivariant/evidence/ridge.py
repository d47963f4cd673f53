"""Kernel ridge regression: an ordinary predictor without symmetry, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, eigh

from autoequivariant.evidence.kernel import Matrix

_PENALTIES = tuple(10.0 ** np.arange(-6, 2.01, 0.5))  # times the mean eigenvalue
_JITTER = 1e-6


def best_penalty(kernel: Matrix, targets: NDArray[np.float64]) -> float:
    """Return the penalty with the least squared leave-one-out error.

    Args:
        kernel: of the training samples, shape `(n, n)`.
        targets: shape `(n, outputs)`, centred.
    """
    values, vectors = eigh(kernel.astype(np.float64))
    values = np.maximum(values, 0)
    projected = vectors.T @ targets
    best, least = 1.0, np.inf
    for factor in _PENALTIES:
        penalty = factor * values.mean()
        inverse = 1 / (values + penalty)
        residuals = vectors @ (inverse[:, np.newaxis] * projected)
        diagonal = np.square(vectors) @ inverse
        error = float(np.square(residuals / diagonal[:, np.newaxis]).mean())
        if error < least:
            best, least = penalty, error
    return best


def fit(kernel: Matrix, targets: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    """Return coefficients, shape `(n, outputs)`: predictions are kernels times these.

    Args:
        kernel, targets: as in `best_penalty`.
        penalty: added to the diagonal.
    """
    matrix = kernel.astype(np.float64)
    matrix[np.diag_indices(len(matrix))] += penalty + _JITTER
    return np.asarray(cho_solve(cho_factor(matrix, overwrite_a=True), targets))
