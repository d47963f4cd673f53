"""Paired differences over folds: their mean, and standard errors that are large enough."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.evidence.fold_differences import fold_differences, together
from autoequivariant.evidence.intervals import paired_difference

FOLDS, SIZE = 5, 200


def drawn(rng: np.random.Generator, trainings: float) -> list[NDArray[np.float64]]:
    """Differences of mean 0: samples of variance 1, and so much for each training."""
    effects = rng.normal(scale=np.sqrt(trainings / SIZE), size=FOLDS)
    return [effect + rng.normal(size=SIZE) for effect in effects]


def zeros(parts: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    return [np.zeros_like(part) for part in parts]


def test_the_variance_is_that_of_nadeau_and_bengio() -> None:
    parts = [np.array([1.0, 3.0]), np.array([5.0, 7.0]), np.array([0.0, 2.0])]
    found = fold_differences(parts, zeros(parts), 3)
    means = [2.0, 6.0, 1.0]
    assert found.mean == pytest.approx(3)
    assert found.between == pytest.approx(np.var(means, ddof=1))
    # Two samples of variance 2 in each fold.
    assert found.sampling == pytest.approx(2 / 2)
    difference = found.difference()
    assert difference.mean == pytest.approx(3)
    assert difference.standard_error**2 == pytest.approx((1 / 3 + 1 / 2) * found.between)


def test_samples_are_the_least_that_varies() -> None:
    parts = [np.array([0.0, 4.0]), np.array([4.0, 0.0])]  # equal means of folds
    found = fold_differences(parts, zeros(parts), 2)
    assert found.between == 0
    assert found.difference().standard_error == pytest.approx(np.sqrt(1.5 * found.sampling))


def test_only_folds_of_both_count() -> None:
    first = [np.ones(4), np.ones(4), np.full(4, 9.0)]
    found = fold_differences(first, zeros(first[:2]), 3)
    assert found.mean == 1
    assert found.factor == pytest.approx(1 / 2 + 1 / 2)
    alone = fold_differences(first[:1], zeros(first[:1]), 3)
    assert (alone.mean, alone.between) == (1, 0)


def test_copies_count_once() -> None:
    rng = np.random.default_rng(0)
    parts = drawn(rng, 0)
    copied = [np.repeat(part, 3) for part in parts]
    clusters = [np.repeat(np.arange(SIZE), 3)] * FOLDS
    once = fold_differences(parts, zeros(parts), FOLDS)
    found = fold_differences(copied, zeros(copied), FOLDS, clusters)
    assert found.sampling == pytest.approx(once.sampling)
    assert fold_differences(copied, zeros(copied), FOLDS).sampling < 0.5 * once.sampling


def test_together_the_trainings_of_all_pairs_count() -> None:
    rng = np.random.default_rng(0)
    steady = fold_differences(drawn(rng, 0), zeros(drawn(rng, 0)), FOLDS)
    varying = fold_differences(drawn(rng, 30), zeros(drawn(rng, 0)), FOLDS)
    assert varying.ratio > 4 > steady.ratio
    alone = [one.difference().standard_error for one in (steady, varying)]
    both = [one.standard_error for one in together([steady, varying])]
    assert both[0] > 1.3 * alone[0]
    assert both[1] == alone[1]  # it is no smaller than its own
    assert together([]) == []


@pytest.mark.parametrize(("trainings", "is_too_often"), [(0, False), (1, False), (4, True)])
def test_equal_networks_are_hardly_ever_told_apart(trainings: float, is_too_often: bool) -> None:
    """Also where trainings vary as much as samples do; a standard error over samples fails there.

    Trainings that vary far more than samples are covered only together with other pairs.
    """
    rng = np.random.default_rng(1)
    ours, naive, runs = 0, 0, 2000
    for _ in range(runs):
        parts = drawn(rng, trainings)
        low, high = fold_differences(parts, zeros(parts), FOLDS).difference().interval()
        ours += not low <= 0 <= high
        low, high = paired_difference(
            np.concatenate(parts)[None], np.zeros((1, FOLDS * SIZE))
        ).interval()
        naive += not low <= 0 <= high
    assert ours / runs <= 0.055
    assert (naive / runs > 0.3) == is_too_often
