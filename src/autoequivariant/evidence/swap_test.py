"""Exact paired tests: each sample and its moved copy are swapped at random.

If `hz` has the law of `z` and `h` is drawn independently of `z`, with its inverse as likely as
itself, then the pair `(z, hz)` may be swapped: a statistic of the pairs has the same distribution
under random swaps. Its p-value over random swaps is exact for every number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh
from scipy.stats import norm

from autoequivariant.evidence.kernel import Matrix

SWAPS = 999
RESOLUTIONS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
"""Shares of samples that a departure may affect."""
_DIRECTIONS = 8
_FEWEST = 20  # pairs


@dataclass(frozen=True)
class SwapTest:
    """The result of a test.

    Attributes:
        p: `(1 + number of swaps with a statistic as large) / (1 + SWAPS)`.
        z: the statistic in standard deviations above the mean of the swaps.
        values: the statistic of each random swap, shape `(SWAPS,)`.
    """

    p: float
    z: float
    values: NDArray[np.float64]


def random_signs(n: int, rng: np.random.Generator) -> Matrix:
    """Return `SWAPS` random swaps of `n` pairs, as signs, shape `(SWAPS, n)`."""
    return (2 * rng.integers(0, 2, (SWAPS, n), np.int8) - 1).astype(np.float32)


def pair_matrix(k_zz: Matrix, k_zm: Matrix, k_mm: Matrix) -> Matrix:
    """Return the kernel of the differences of pairs, without its diagonal.

    `A_ij = k(z_i, z_j) - k(z_i, hz_j) - k(hz_i, z_j) + k(hz_i, hz_j)`: swapping pair `i` changes
    the sign of row and column `i`. The sum of `A` estimates the squared maximum mean discrepancy
    between samples and moved samples.

    Args:
        k_zz, k_zm, k_mm: kernels of samples, of samples (rows) with moved ones, and of moved ones.
    """
    found = k_zz + k_mm
    found -= k_zm
    found -= k_zm.T
    np.fill_diagonal(found, 0)
    return found


def quadratic_test(matrix: Matrix, signs: Matrix) -> SwapTest:
    """Test with the statistic `e' A e`, observed with all signs +1.

    Args:
        matrix: `pair_matrix`, shape `(n, n)`.
        signs: `random_signs`.
    """
    values = np.einsum("bi,bi->b", signs @ matrix, signs).astype(np.float64)
    return _result(float(matrix.sum(dtype=np.float64)), values)


def linear_test(differences: NDArray[np.float64], signs: Matrix) -> SwapTest:
    """Test with the statistic `sum e_i d_i` whether the mean of the differences is more than 0.

    Args:
        differences: change of the sign by a swap, shape `(n,)`.
        signs: `random_signs`.
    """
    values = signs.astype(np.float64) @ differences
    return _result(float(differences.sum()), values)


def resolution(matrix: Matrix, test: SwapTest, level: float, miss: float) -> float | None:
    """Return the smallest share of samples, of `RESOLUTIONS`, in which a departure would be seen.

    A departure in a share `r` of the samples sets the signs of those to the signs of one of the
    leading eigenvectors of the matrix, which are the directions in which samples vary most. The
    statistic then has mean `r^2 s'As` and variance `4 r^2 (1 - r^2) |As|^2 + 2 (1 - r^2)^2 |A|^2`;
    the probability that it exceeds the threshold of the test is taken from a normal distribution.

    Args:
        matrix: as in the test.
        test: its result.
        level: of the test.
        miss: the probability with which a departure may be missed.

    Returns:
        None if none would be seen.
    """
    n = len(matrix)
    if n < _FEWEST:
        return None
    threshold = float(np.quantile(test.values, 1 - level))
    start = np.ones(n, np.float32)  # fixed, so that the answer is
    _, vectors = eigsh(matrix, k=min(_DIRECTIONS, n - 1), which="LA", v0=start, tol=1e-2)
    signs = np.where(vectors.T < 0, -1, 1).astype(np.float32)
    pulled = signs @ matrix
    means = np.einsum("vi,vi->v", pulled, signs).astype(np.float64)
    lengths = np.einsum("vi,vi->v", pulled, pulled).astype(np.float64)
    whole = float(np.square(matrix, dtype=np.float64).sum())
    for share in RESOLUTIONS:
        rest = 1 - share**2
        deviation = np.sqrt(4 * share**2 * rest * lengths + 2 * rest**2 * whole)
        if (share**2 * means + norm.ppf(miss) * deviation > threshold).all():
            return share
    return None


def _result(observed: float, values: NDArray[np.float64]) -> SwapTest:
    spread = float(values.std())
    # Rounding must not decide whether a swap that changes nothing is as large.
    least = observed - 1e-6 * max(abs(observed), spread)
    p = (1 + int((values >= least).sum())) / (1 + len(values))
    return SwapTest(p, (observed - float(values.mean())) / spread if spread else 0.0, values)
