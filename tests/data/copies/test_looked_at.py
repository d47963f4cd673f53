"""Samples whose labels lead to candidates are never for the test."""

from dataclasses import replace

import numpy as np
import pytest

from autoequivariant.data.copies.find import NO_COPIES, Copies, find_copies
from autoequivariant.data.copies.looked_at import MOST_LOOKED_AT, rows_to_look_at, with_looked_at
from autoequivariant.data.folds import joined
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import split
from autoequivariant.groups.domain import Features
from autoequivariant.groups.symmetry import Symmetry


def table(n: int, values: int, columns: int = 4) -> Samples:
    """A table of whole numbers; the first column of each row tells rows apart if few repeat."""
    x = np.random.default_rng(0).integers(0, values, (n, 1, columns)).astype(np.float32)
    y = x.sum(axis=(1, 2)).astype(np.int64) % 2
    return Samples("made", Features(columns), 1, ("a", "b"), x, y)


def rows_of(part: np.ndarray, samples: Samples) -> set[bytes]:
    return {row.tobytes() for row in part.reshape(len(part), -1)}


def test_half_of_what_is_not_for_the_test() -> None:
    samples = table(500, 10**6)
    rows = rows_to_look_at(samples, 3)
    assert len(rows) == len(set(rows.tolist())) == 200
    assert len(rows_to_look_at(samples, 3, all_known=True)) == 250
    own = replace(samples, x_test=samples.x[:5], y_test=samples.y[:5])
    assert len(rows_to_look_at(own, 3)) == 250
    assert len(rows_to_look_at(table(10_000, 10**6), 0)) == MOST_LOOKED_AT


def test_without_copies_the_split_is_the_same() -> None:
    samples = table(500, 10**6)
    looked = with_looked_at(NO_COPIES, samples, 3)
    plain, marked = split(samples, None, None, 3), split(samples, None, None, 3, looked)
    for name in ("train", "validation", "test"):
        assert np.array_equal(getattr(plain, name).x, getattr(marked, name).x)
    assert plain.train.looked_at is None
    assert marked.test.looked_at is not None and not marked.test.looked_at.any()
    both = joined(marked).looked_at
    assert both is not None and both.sum() == 200


@pytest.mark.parametrize("seed", range(5))
def test_copies_of_what_was_looked_at_are_in_no_test(seed: int) -> None:
    samples = table(600, 9)
    copies = find_copies(samples, [Symmetry("swap", (0, 1)), Symmetry("shift", (1,))])
    assert copies.clusters is not None
    looked = with_looked_at(copies, samples, seed)
    data = split(samples, None, None, seed, looked)
    assert data.test.looked_at is not None and not data.test.looked_at.any()
    mine = rows_of(samples.x[rows_to_look_at(samples, seed)], samples)
    assert not mine & rows_of(data.test.x, samples)
    both = joined(data)
    assert both.looked_at is not None
    unseen = both.x[~both.looked_at]
    assert len(unseen) > 50 and not mine & rows_of(unseen, samples)


def test_clusters_are_looked_at_as_wholes() -> None:
    samples = table(20, 10**6)
    clusters = np.arange(20) // 2
    looked = with_looked_at(Copies(clusters), samples, 0).looked_at
    assert looked is not None
    assert set(clusters[looked]) == set(clusters[rows_to_look_at(samples, 0)])
    assert np.array_equal(looked[::2], looked[1::2])
