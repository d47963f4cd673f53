"""Products find what is left where columns alone explain nothing."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.evidence.testing.features import Features
from autoequivariant.evidence.testing.predictors import Ridge
from autoequivariant.evidence.testing.products import MOST_COLUMNS, Products, with_products

N, COLUMNS = 900, 12
X = (3 + 2 * np.random.default_rng(0).normal(size=(N, COLUMNS))).astype(np.float32)
Z = (X - 3) / 2
FIRST, SECOND = slice(0, 450), slice(450, N)
NUMBERS = np.ones(COLUMNS, bool)
Target = Callable[[NDArray[np.float32]], NDArray[np.float32]]
TARGETS: dict[str, Target] = {
    "products around a ring": lambda z: (z * np.roll(z, 1, axis=1)).sum(axis=1),
    "with a direction": lambda z: (z * (np.roll(z, 1, axis=1) ** 2 - 1)).sum(axis=1),
    "squares": lambda z: np.square(z[:, :4]).sum(axis=1) - 4 * z[:, 5],
}


def explained(
    features: Callable[[NDArray[np.float32]], NDArray[np.float32]], y: NDArray[np.float64]
) -> float:
    predictor = Ridge.fit(features(X[FIRST]), y[FIRST])
    return 1 - float(
        np.square(predictor(features(X[SECOND])) - y[SECOND]).sum() / y[SECOND].var() / 450
    )


@pytest.mark.parametrize("name", TARGETS)
def test_more_is_explained_than_by_a_kernel_alone(name: str) -> None:
    y = TARGETS[name](Z)[:, np.newaxis].astype(np.float64)
    kernel = Features(X[FIRST], True, 0.25)
    both = with_products(kernel, X[FIRST], y[FIRST], NUMBERS)
    assert 1 - explained(both, y) < 0.6 * (1 - explained(kernel, y))
    assert explained(both, y) > 0.6


def test_the_products_are_found() -> None:
    y = (Z[:, [2]] * Z[:, [7]] + Z[:, [4]] * (Z[:, [9]] ** 2 - 1)).astype(np.float64)
    found = Products(X, y, 2, NUMBERS)(X)
    assert found.shape == (N, 2 * COLUMNS + 2)
    expected = Z[:, 2] * Z[:, 7], Z[:, 4] * (Z[:, 9] ** 2 - 1)
    shared = np.corrcoef(found[:, -2:].T, np.stack(expected))[:2, 2:]
    assert np.sort(np.abs(shared).max(axis=0)).min() > 0.97


def test_codes_of_categories_and_constants_are_left_out() -> None:
    x = X.copy()
    x[:, 3] = 1
    y = (Z[:, [0]] * Z[:, [1]]).astype(np.float64)
    columns = np.arange(COLUMNS) != 0
    found = Products(x, y, 5, columns)
    moved = x.copy()
    moved[:, [0, 3]] += 5
    assert np.array_equal(found(x), found(moved))


def test_of_many_columns_the_kernel_is_left_alone() -> None:
    x = np.zeros((9, MOST_COLUMNS + 1), np.float32)
    kernel = Features(X[:9], True, 0.25)
    assert with_products(kernel, x, np.zeros((9, 1)), np.ones(x.shape[1], bool)) is kernel
    assert with_products(kernel, X[:9], np.zeros((9, 1)), np.arange(COLUMNS) < 1) is kernel
