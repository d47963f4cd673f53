"""Moved samples that are in the data."""

import itertools

import numpy as np
import pytest

from autoequivariant.evidence.testing.copies import CopyTest, MovedCopies
from autoequivariant.evidence.testing.moves import Labelled

GRID = np.array(list(itertools.product(range(3), repeat=4)), np.float32)
SUMS = GRID.sum(axis=1).astype(np.int64)


def test_a_full_grid_has_every_exchange_of_its_columns() -> None:
    copies = MovedCopies.of(Labelled(GRID, SUMS, 9), np.random.default_rng(0))
    assert copies is not None
    moved = Labelled(GRID[:, [1, 0, 2, 3]], SUMS, 9)
    pairs = 81 - (81 - 27) // 2  # 27 samples are their own copy
    assert copies.test(moved) == CopyTest(81, 81, 0, pairs, is_discrete=True)


def test_other_labels_are_counted() -> None:
    labels = GRID[:, 0].astype(np.int64)
    copies = MovedCopies.of(Labelled(GRID, labels, 3), np.random.default_rng(0))
    assert copies is not None
    found = copies.test(Labelled(GRID[:, [1, 0, 2, 3]], labels, 3))
    assert (found.found, found.disagreeing) == (81, 54)


def test_where_equal_samples_have_other_labels_copies_say_nothing() -> None:
    twice = np.concatenate([GRID, GRID])
    rng = np.random.default_rng(0)
    same = Labelled(twice, np.concatenate([SUMS, SUMS]), 9)
    assert MovedCopies.of(same, rng) is not None
    noisy = Labelled(twice, np.concatenate([SUMS, SUMS[::-1]]), 9)
    assert MovedCopies.of(noisy, rng) is None


def test_samples_without_copies_are_not_looked_up() -> None:
    x = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    assert MovedCopies.of(Labelled(x, np.zeros(100, np.int64), 2), np.random.default_rng(0)) is None


def test_signs_do_not_hide_a_copy() -> None:
    x = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    both = np.concatenate([x, -x])
    y = np.zeros((100, 1), np.float32)
    copies = MovedCopies.of(Labelled(both, y, 0), np.random.default_rng(0))
    assert copies is not None
    assert copies.test(Labelled(-both, y, 0)) == CopyTest(100, 100, 0, 50, is_discrete=False)


def test_the_interval_is_exact() -> None:
    found = CopyTest(100, 100, 0, 50, is_discrete=True)
    assert found.interval() == pytest.approx((0, 0.0711), abs=1e-4)  # Clopper-Pearson, 0 of 50
