"""The evidence, against densities of SciPy and sums over a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_t, norm

from autoequivariant.evidence.gaussian_process import laplace
from autoequivariant.evidence.gaussian_process.kernel import InvariantKernel
from autoequivariant.evidence.gaussian_process.laplace import (
    NOISE,
    SCALE,
    Posterior,
    log_evidence_of_noise,
)
from autoequivariant.groups.element import Element

from .groups import CYCLE, IDENTITY, MIRROR, ODD, SWAP, group
from .test_kernel import matrix, signs

CASES = [group(IDENTITY), group(MIRROR), group(CYCLE, SWAP), group(ODD)]


def posterior(elements: tuple[Element, ...], n: int = 20) -> Posterior:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    y = np.sin(2 * x[:, 0]) + 0.1 * rng.normal(size=n)
    return Posterior(InvariantKernel(x, elements, signs(elements)), y / np.sqrt((y**2).mean()))


@pytest.mark.parametrize("elements", CASES)
def test_the_density_is_that_of_a_t_distribution(elements: tuple[Element, ...]) -> None:
    found = posterior(elements)
    theta = np.append(np.linspace(0.2, 0.4, found.kernel.n_scales), -2.0)
    covariance = matrix(found.kernel, theta[:-1]) + np.exp(-2.0) * np.eye(20)
    covariance += 10.0 * found.kernel.is_even
    # Of targets whose variance has an inverse gamma prior of shape 1 and rate 1/2.
    expected = multivariate_t(np.zeros(20), covariance / 2, df=2).logpdf(found.y)
    expected += norm(*SCALE).logpdf(theta[:-1]).sum() + norm(*NOISE).logpdf(-2.0)
    assert -found(theta)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("elements", CASES)
def test_the_gradient_is_that_of_differences(elements: tuple[Element, ...]) -> None:
    found = posterior(elements)
    theta = np.append(np.linspace(0.2, 0.4, found.kernel.n_scales), -2.0)
    for number, step in enumerate(1e-5 * np.eye(len(theta))):
        slope = (found(theta + step)[0] - found(theta - step)[0]) / 2e-5
        assert found(theta)[1][number] == pytest.approx(slope, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("n", [5, 20, 60])
def test_the_evidence_is_nearly_that_of_a_grid(n: int) -> None:
    found = posterior(group(CYCLE, SWAP), n)  # two hyperparameters
    grid = [np.linspace(-4, 7, 50), np.linspace(-12, 6, 60)]
    values = [-found(np.array([scale, noise]))[0] for scale in grid[0] for noise in grid[1]]
    cell = np.prod([points[1] - points[0] for points in grid])
    assert found.log_evidence() == pytest.approx(logsumexp(values) + np.log(cell), abs=0.5)


def test_the_evidence_of_noise_is_that_of_a_t_distribution() -> None:
    y = np.random.default_rng(0).normal(size=9)
    covariance = (np.eye(9) + 10.0) / 2
    expected = multivariate_t(np.zeros(9), covariance, df=2).logpdf(y)
    assert log_evidence_of_noise(y) == pytest.approx(expected)


DEGENERATE: list[Any] = [
    (np.zeros((6, 3)), np.arange(6.0)),  # constant columns
    (np.tile([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]], (3, 1)), np.arange(6.0)),  # repeated samples
    (np.arange(9.0).reshape(3, 3), np.array([1.0, 0.0, 0.0])),  # three rows
    (np.arange(18.0).reshape(6, 3), np.zeros(6)),  # a constant target
    (np.arange(18.0).reshape(6, 3) * 1e30, np.arange(6.0)),
    (np.arange(60.0).reshape(20, 3), np.arange(20.0)),  # no noise
]


@pytest.mark.parametrize(("x", "y"), DEGENERATE)
def test_the_evidence_is_always_finite(x: Any, y: Any) -> None:
    for elements in CASES:
        kernel = InvariantKernel(x, elements, signs(elements))
        assert np.isfinite(Posterior(kernel, y).log_evidence())
    assert np.isfinite(log_evidence_of_noise(y))


def test_bounds_keep_the_kernel_matrix_invertible() -> None:
    x = np.repeat(np.arange(60.0).reshape(20, 3), 2, axis=0)
    kernel = InvariantKernel(x, group(MIRROR), [1, 1])
    for scale in laplace._SCALES:
        value, gradient = Posterior(kernel, np.arange(40.0) / 20)(
            np.array([scale] * kernel.n_scales + [laplace._NOISES[0]])
        )
        assert np.isfinite(value) and np.isfinite(gradient).all()
