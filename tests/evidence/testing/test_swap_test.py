"""Exact paired tests: level, power, and the resolution that is promised."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.swap_test import (
    Pairs,
    mean_test,
    p_value,
    random_signs,
    threshold,
)

REPEATS = 200


def differences(n: int, rng: np.random.Generator) -> np.ndarray:
    scales = 0.7 ** np.arange(12)
    return (rng.standard_t(4, (n, 12)) * scales).astype(np.float32)


def p_of(rows: np.ndarray, rng: np.random.Generator) -> float:
    pairs = Pairs.of(rows)
    return p_value(pairs.observed(), pairs.swapped(random_signs(len(rows), rng)))


def test_the_level_is_exact_for_symmetric_differences() -> None:
    rng = np.random.default_rng(0)
    p_values = np.array([p_of(differences(30, rng), rng) for _ in range(REPEATS)])
    for level in (0.05, 0.2, 0.5):
        assert abs((p_values <= level).mean() - level) < 3 * np.sqrt(level / REPEATS)


def test_a_shift_along_one_axis_is_seen() -> None:
    rng = np.random.default_rng(0)
    rows = differences(300, rng)
    rows[:, 3] += 0.3
    assert p_of(rows, rng) < 0.01


def test_the_statistic_has_the_moments_that_are_computed() -> None:
    rng = np.random.default_rng(0)
    pairs = Pairs.of(differences(100, rng))
    sums = random_signs(100, rng, 20_000) @ pairs.differences
    squares = np.square(sums, dtype=np.float64).sum(axis=1)
    assert squares.mean() == pytest.approx(pairs.mean, rel=0.02)
    assert squares.std() == pytest.approx(pairs.deviation, rel=0.05)


@pytest.mark.parametrize("n", [500, 1500])
def test_a_departure_of_the_stated_resolution_is_seen(n: int) -> None:
    rng = np.random.default_rng(n)
    miss, level = 0.1, 0.02
    pairs = Pairs.of(differences(n, rng))
    threshold = float(np.quantile(pairs.swapped(random_signs(n, rng)), 1 - level))
    share = pairs.smallest_share(threshold, miss)
    assert share is not None
    for axis in range(8):
        oriented = np.where(pairs.differences[:, axis] < 0, -1, 1).astype(np.float32)
        signs = random_signs(n, rng, 1000)
        chosen = rng.random(signs.shape) < share
        seen = pairs.swapped(np.where(chosen, oriented, signs)) > threshold
        assert seen.mean() > 1 - miss - 0.04


def test_nothing_is_promised_of_few_or_equal_pairs() -> None:
    rng = np.random.default_rng(0)
    assert Pairs.of(differences(19, rng)).smallest_share(3.0, 0.05) is None
    still = Pairs.of(np.zeros((50, 4), np.float32))
    assert still.smallest_share(3.0, 0.05) is None
    assert p_value(still.observed(), still.swapped(random_signs(50, rng))) == 1.0


@pytest.mark.parametrize("level", [0.003, 0.0015, 0.05])
def test_above_the_threshold_the_p_value_is_at_most_the_level(level: float) -> None:
    swapped = np.random.default_rng(0).normal(size=999)
    limit = threshold(swapped, level)
    assert p_value(limit + 1e-3, swapped) <= level < p_value(limit - 1e-3, swapped)


def test_what_is_not_finite_rejects_nothing() -> None:
    assert p_value(float("nan"), np.zeros(999)) == 1.0
    assert p_value(5.0, np.full(999, np.nan)) == 1.0


def test_mean_test() -> None:
    rng = np.random.default_rng(0)
    signs = random_signs(100, rng)
    above, below, zero = rng.normal(0.5, 1, 100), rng.normal(-0.5, 1, 100), np.zeros(100)
    assert mean_test([above], signs) < 0.01
    assert mean_test([below], signs) > 0.9
    assert mean_test([zero], signs) == 1.0
    assert mean_test([below, above], signs) < 0.02


def test_the_largest_of_several_means_is_tested_exactly() -> None:
    rng = np.random.default_rng(1)
    signs = random_signs(30, rng, 99)
    found = [mean_test(list(rng.normal(size=(3, 30))), signs) for _ in range(400)]
    assert 0.02 < np.mean(np.array(found) <= 0.05) < 0.09
