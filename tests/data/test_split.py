import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.data.split import split, stratified_order
from autoequivariant.errors import DataError, SettingsError


def samples_of(count, classes=3, test=0):
    """Samples that carry their number as their only pixel, and their number's rest as label."""
    x, y = np.arange(count + test, dtype=float)[:, None], np.arange(count + test) % classes
    extra = (x[count:], y[count:]) if test else ()
    return make_samples("box", Arrays(x[:count], y[:count], *extra))


def numbers(part):
    return part.x[:, 0, 0].astype(int)


@pytest.mark.parametrize("test", [0, 30])
@pytest.mark.parametrize(("train_size", "validation_size"), [(None, None), (30, 20), (60, None)])
def test_parts_are_disjoint_and_keep_their_labels(test, train_size, validation_size):
    data = split(samples_of(100, test=test), train_size, validation_size, seed=3)
    parts = [data.train, data.validation, data.test]
    seen = np.concatenate([numbers(part) for part in parts])
    assert len(np.unique(seen)) == len(seen)
    assert all(np.array_equal(numbers(part) % 3, part.y) for part in parts)
    assert set(data.train.y) == {0, 1, 2}
    if test:
        assert numbers(data.test).tolist() == list(range(100, 130))


@pytest.mark.parametrize(
    ("count", "test", "sizes", "expected"),
    [
        (100, 0, (None, None), (60, 20, 20)),
        (100, 9, (None, None), (75, 25, 9)),
        (9000, 9, (None, None), (4000, 1000, 9)),
        (4400, 9, (None, None), (3400, 1000, 9)),
        (100, 9, (90, None), (90, 10, 9)),
        (100, 9, (None, 90), (10, 90, 9)),
        (100, 9, (97, 3), (97, 3, 9)),
        (6, 9, (None, None), (3, 3, 9)),
        (100, 9, (np.int64(10), 10), (10, 10, 9)),
    ],
)
def test_sizes(count, test, sizes, expected):
    data = split(samples_of(count, test=test), *sizes, seed=0)
    assert (len(data.train), len(data.validation), len(data.test)) == expected


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((98, 3), "train size of 98 and a validation size of 3 need 101 .* box has 100 outside"),
        ((98, None), "train size of 98 and a validation size of 3 need 101 samples"),
        ((None, 98), "train size of 3 and a validation size of 98 need 101 samples"),
        ((2, None), "train size must be a whole number of at least 3, .* not 2"),
        ((0, None), "train size must be"),
        ((None, -5), "validation size must be .* not -5"),
        ((10.0, None), "train size must be"),
        ((True, None), "train size must be"),
    ],
)
def test_sizes_that_cannot_be(sizes, message):
    with pytest.raises(SettingsError, match=message):
        split(samples_of(100, test=9), *sizes, seed=0)


@pytest.mark.parametrize(
    ("count", "test", "classes", "message", "enough"),
    [
        (5, 9, 3, "box has 5 samples for train and validation together, .* 3 .* least 6 for", 6),
        (6, 0, 3, "box has 5 samples .* together .6 less 1 that are held .* at least 7 in all", 7),
        (100, 0, 50, "has 80 samples .*100 less 20 .* 50 classes: .* least 124 in all", 124),
        (123, 0, 50, "has 99 samples .*123 less 24 .* least 124 in all", 124),
    ],
)
def test_too_few_samples(count, test, classes, message, enough):
    with pytest.raises(DataError, match=message):
        split(samples_of(count, classes, test), None, None, seed=0)
    assert len(split(samples_of(enough, classes, test), None, None, seed=0).train) >= classes


def test_the_seed_decides_all():
    first, again, other = (split(samples_of(100), 40, 20, seed) for seed in (1, 1, 2))
    for part in ("train", "validation", "test"):
        one, same, different = (numbers(getattr(data, part)) for data in (first, again, other))
        assert np.array_equal(one, same)
        assert not np.array_equal(one, different)
        assert not np.array_equal(one, np.sort(one))
    assert first.fingerprint == other.fingerprint == samples_of(100).fingerprint()
    with pytest.raises(SettingsError, match="seed"):
        split(samples_of(100), 40, 20, -1)


def test_sizes_leave_the_other_parts_alone():
    samples = samples_of(100)
    small, large = split(samples, 20, 10, seed=5), split(samples, 50, 30, seed=5)
    assert np.array_equal(numbers(small.test), numbers(large.test))
    assert np.array_equal(numbers(small.train), numbers(large.train)[:20])
    assert np.array_equal(numbers(small.validation), numbers(large.validation)[-10:])


@pytest.mark.parametrize("seed", range(5))
def test_every_stretch_of_the_order_is_stratified(seed):
    y = np.repeat([0, 1, 2, 3], [700, 200, 99, 1])
    order = stratified_order(y, np.random.default_rng(seed))
    assert np.array_equal(np.sort(order), np.arange(1000))
    assert sorted(y[order[:4]]) == [0, 1, 2, 3]
    for size in (100, 370, 800):
        for part in (order[:size], order[-size:]):
            share = np.bincount(y[part], minlength=4)
            assert np.all(np.abs(share - np.array([700, 200, 99, 1]) * size / 1000) < 4)


def test_a_large_data_set(shared_data):
    from autoequivariant.data.registry import read

    data = split(read(shared_data / "mnist"), None, None, seed=0)
    assert (len(data.train), len(data.validation), len(data.test)) == (4000, 1000, 10000)
    assert data.train.x.dtype == np.uint8
    assert data.train.x.flags.c_contiguous


def regression_of(count):
    x = np.arange(count, dtype=float)[:, None]
    return make_samples("box", Arrays(x, x[:, 0] + 0.5, columns=("n",)))


def test_regression_is_split_in_random_order():
    data, again, other = (split(regression_of(100), None, None, seed) for seed in (1, 1, 2))
    assert (data.task, data.targets, data.columns) == ("regression", ("target",), ("n",))
    parts = [data.train, data.validation, data.test]
    assert [len(part) for part in parts] == [60, 20, 20]
    assert sorted(np.concatenate([numbers(part) for part in parts])) == list(range(100))
    assert all(np.array_equal(part.x[:, 0] + 0.5, part.y) for part in parts)
    assert np.array_equal(data.train.x, again.train.x)
    assert not np.array_equal(data.train.x, other.train.x)


def test_sizes_of_regression():
    assert len(split(regression_of(9), 2, 2, seed=0).train) == 2
    with pytest.raises(SettingsError, match="train size must be a whole number of at least 2, not"):
        split(regression_of(9), 1, 2, seed=0)
    assert len(split(regression_of(5), None, None, seed=0).validation) == 2
    with pytest.raises(DataError, match="3 samples .* for regression: give at least 5 in all"):
        split(regression_of(4), None, None, seed=0)
