"""Features that approximate a Gaussian kernel."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.features import Features


def test_inner_products_of_landmarks_are_the_kernel() -> None:
    x = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    features = Features(x, by_value=False, width=1.0)
    found = features(x) @ features(x).T
    distances = np.square(x[:, None] - x[None]).sum(axis=2)
    median = np.median(distances[np.triu_indices(40, 1)])
    expected = np.exp(-0.5 * distances / median)
    assert found == pytest.approx(expected, abs=1e-3)


def test_columns_of_other_units_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3)).astype(np.float32)
    scaled = x * np.array([1, 1e6, 1e-6], np.float32) + np.array([0, 5, 0], np.float32)
    plain, other = Features(x, True, 0.5)(x), Features(scaled, True, 0.5)(scaled)
    assert plain @ plain.T == pytest.approx(other @ other.T, abs=1e-3)


def test_quantities_of_other_units_do_not_matter() -> None:
    x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    units = np.array([0, 1, 1, 0])
    scaled = (x * np.array([1e4, 1, 1, 1e4]) + np.array([3e4, 0, 0, 3e4])).astype(np.float32)
    plain, other = (Features(one, False, 0.5, units=units)(one) for one in (x, scaled))
    assert plain @ plain.T == pytest.approx(other @ other.T, abs=1e-3)
    alike = Features(scaled, False, 0.5)(scaled)
    assert np.abs(plain @ plain.T - alike @ alike.T).max() > 0.1


def test_many_values_are_sketched() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5000)).astype(np.float32)
    x[:, :2500] += 2 * rng.normal(size=(60, 1)).astype(np.float32)
    found = Features(x, by_value=False, width=1.0)(x)
    distances = np.square(x[:, None] - x[None]).sum(axis=2)
    median = np.median(distances[np.triu_indices(60, 1)])
    assert found @ found.T == pytest.approx(np.exp(-0.5 * distances / median), abs=0.08)


@pytest.mark.parametrize("value", [0.0, 1e30, -1e-30])
def test_extreme_and_constant_values_stay_finite(value: float) -> None:
    x = np.full((10, 4), value, np.float32)
    x[:, 1] *= np.arange(10, dtype=np.float32)
    for by_value in (False, True):
        assert np.isfinite(Features(x, by_value, 0.5)(x)).all()


def test_categories_are_as_far_from_each_other_as_any_two() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 5, 300), rng.normal(size=300)], axis=1).astype(np.float32)
    features = Features(x, True, 0.5, (5, 0))
    found = features(np.array([[code, 0.3] for code in range(5)], np.float32))
    products = found @ found.T
    between = products[~np.eye(5, dtype=bool)]
    assert np.ptp(between) < 1e-3
    assert between.max() < np.diag(products).min() - 0.1
    ordered = Features(x, True, 0.5)(np.array([[code, 0.3] for code in range(5)], np.float32))
    assert np.ptp((ordered @ ordered.T)[0, 1:]) > 0.1
