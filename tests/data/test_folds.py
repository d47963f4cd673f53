from dataclasses import replace

import numpy as np
import pytest

from autoequivariant.data import folds as module
from autoequivariant.data.arrays import Arrays
from autoequivariant.data.folds import fold, fold_count, held_out, joined, scored_folds, whole_fold
from autoequivariant.data.samples import make_samples
from autoequivariant.data.split import split


def data_of(y, train_size=None, validation_size=None):
    x = np.arange(len(y), dtype=float)[:, None]
    return split(make_samples("box", Arrays(x, y)), train_size, validation_size, 0)


CLASSES, NUMBERS = np.arange(100) % 3, np.arange(100) + 0.5


@pytest.mark.parametrize("y", [CLASSES, NUMBERS])
def test_each_sample_is_scored_once_by_those_that_did_not_see_it(y):
    data = data_of(y)
    both = joined(data)
    assert len(both) == len(data.train) + len(data.validation) == 80
    folds = [fold(data, number, 4, seed=0) for number in range(4)]
    for fitted, scored in folds:
        together = np.concatenate([fitted.x, scored.x])
        assert sorted(together.ravel()) == sorted(both.x.ravel())
    assert sorted(np.concatenate([scored.x for _, scored in folds]).ravel()) == sorted(
        both.x.ravel()
    )
    assert np.array_equal(fold(data, 1, 4, seed=0)[1].x, folds[1][1].x)
    assert not np.array_equal(fold(data, 1, 4, seed=1)[1].x, folds[1][1].x)


@pytest.mark.parametrize(
    ("sizes", "count"), [((None, None), 4), ((40, 40), 2), ((10, 70), 2), ((77, 3), 10)]
)
def test_the_number_of_folds_follows_the_split(sizes, count):
    assert fold_count(data_of(CLASSES, *sizes)) == count


@pytest.mark.parametrize(
    ("sizes", "count"),
    [((1500, 400), 3), ((1500, 499), 3), ((1500, 500), 2), ((1500, 999), 2), ((900, 1000), 1)],
)
def test_with_enough_scored_samples_one_fold_is_enough(sizes, count):
    assert scored_folds(data_of(np.arange(4000) % 3, *sizes)) == count


def test_further_samples_are_trained_on_in_every_fold_but_copies_are_not():
    data = data_of(CLASSES, 40, 20)
    assert len(data.further) == 20
    for number in range(3):
        fitted, scored = whole_fold(data, number, 3, 0)
        assert set(data.further.x.ravel()) < set(fitted.x.ravel())
        assert len(fitted) + len(scored) == 80
        assert np.array_equal(scored.x, fold(data, number, 3, 0)[1].x)
    copies = replace(
        data,
        train=replace(data.train, clusters=np.arange(40)),
        validation=replace(data.validation, clusters=np.arange(40, 60)),
        further=replace(data.further, clusters=np.arange(20)),  # of the first training samples
    )
    for number in range(3):
        fitted, scored = whole_fold(copies, number, 3, 0)
        assert not set(fitted.clusters) & set(scored.clusters)


@pytest.mark.parametrize(
    ("sizes", "most", "scored"), [((40, 10), 10_000, 14), ((60, 20), 10_000, 20), ((40, 10), 8, 8)]
)
def test_more_are_held_out_where_there_are_more(sizes, most, scored, monkeypatch):
    monkeypatch.setattr(module, "_MOST_HELD_OUT", most)
    data = data_of(CLASSES, *sizes)
    fitted, held = held_out(data, 0)
    assert len(held) == scored
    assert len(fitted) + len(held) == 80
    assert not set(fitted.x.ravel()) & set(held.x.ravel())
    assert not set(held.x.ravel()) & set(data.test.x.ravel())
