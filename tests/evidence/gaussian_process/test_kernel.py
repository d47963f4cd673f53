"""Kernels of functions that a group leaves as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.evidence.gaussian_process.kernel import InvariantKernel
from autoequivariant.groups.element import Element

from .groups import CYCLE, IDENTITY, MIRROR, ODD, OTHER_MIRROR, QUARTER_TURN, SWAP, group

Matrix = NDArray[Any]
GROUPS = [
    group(IDENTITY),
    group(MIRROR),
    group(MIRROR, OTHER_MIRROR),
    group(QUARTER_TURN),
    group(QUARTER_TURN, SWAP),
    group(CYCLE),
    group(CYCLE, SWAP),
    group(ODD),
    group(ODD, OTHER_MIRROR),
]


def samples(n: int = 12) -> Matrix:
    return np.random.default_rng(0).normal(size=(n, 3)) * [1.0, 2.0, 3.0]


def signs(elements: tuple[Element, ...]) -> list[int]:
    return [int(one.outputs.signs[0]) for one in elements]


def matrix(kernel: InvariantKernel, log_scales: Any) -> Matrix:
    pairs, _ = kernel(np.asarray(log_scales, float))
    found = np.zeros((kernel.rows.max() + 1,) * 2)
    found[kernel.rows, kernel.columns] = pairs
    return found + np.triu(found, 1).T


def slowly(x: Matrix, elements: tuple[Element, ...], scales: Matrix) -> Matrix:
    """The average over moves of the second sample; `scales` has one for each column."""
    total = np.zeros((len(x), len(x)))
    for one in elements:
        difference = (x[:, None] - one.points.apply(x)[None]) / scales
        distance = np.sqrt(3 * (difference**2).sum(axis=2))
        total += one.outputs.signs[0] * (1 + distance) * np.exp(-distance)
    return total / len(elements)


@pytest.mark.parametrize("elements", GROUPS)
def test_it_is_a_kernel_that_the_group_leaves_as_it_is(elements: tuple[Element, ...]) -> None:
    x = samples()
    both = [np.concatenate([x, one.points.apply(x)]) for one in elements]
    for (number, one), stacked in zip(enumerate(elements), both, strict=True):
        kernel = InvariantKernel(stacked, elements, signs(elements))
        found = matrix(kernel, np.linspace(-0.5, 0.5, kernel.n_scales))
        assert np.linalg.eigvalsh(found).min() > -1e-9
        sign = signs(elements)[number]
        np.testing.assert_allclose(found[:12, 12:], sign * found[:12, :12], atol=1e-12), one


@pytest.mark.parametrize("elements", GROUPS)
def test_it_is_the_average_over_moves(elements: tuple[Element, ...]) -> None:
    x = samples()
    kernel = InvariantKernel(x, elements, signs(elements))
    orbits = [sorted({int(one.points.image[k]) for one in elements}) for k in range(3)]
    spread = np.array([np.sqrt(x.var(axis=0)[orbit].mean()) for orbit in orbits])
    expected = slowly(x, elements, spread * np.exp(0.3))
    np.testing.assert_allclose(matrix(kernel, [0.3] * kernel.n_scales), expected, atol=1e-12)
    assert kernel.n_scales == len({orbit[0] for orbit in orbits})
    assert kernel.is_even == (min(signs(elements)) > 0)


def test_with_untied_scales_the_average_is_no_kernel() -> None:
    found = slowly(samples(60), group(SWAP), np.array([0.3, 3.0, 3.0]))
    assert np.linalg.eigvalsh((found + found.T) / 2).min() < -0.1


@pytest.mark.parametrize("elements", GROUPS)
def test_the_gradient_is_that_of_differences(elements: tuple[Element, ...]) -> None:
    kernel = InvariantKernel(samples(), elements, signs(elements))
    weights = np.random.default_rng(1).normal(size=len(kernel.rows))
    point = np.linspace(-0.5, 0.5, kernel.n_scales)
    found = kernel.gradient(point, kernel(point)[1], weights)
    for number, step in enumerate(1e-6 * np.eye(kernel.n_scales)):
        slope = weights @ (kernel(point + step)[0] - kernel(point - step)[0]) / 2e-6
        assert found[number] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_constant_columns_give_finite_values() -> None:
    x = samples()
    x[:, 0], x[:, 1] = 0.0, 0.1
    for elements in GROUPS:
        kernel = InvariantKernel(x, elements, signs(elements))
        found = kernel(np.zeros(kernel.n_scales))[0]
        assert np.isfinite(found).all()
