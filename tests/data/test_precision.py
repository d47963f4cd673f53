"""What float32 would lose is refused; what it keeps, however far from 0, is not."""

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.precision import lossy_columns
from autoequivariant.data.samples import make_samples
from autoequivariant.data.source import ReadOptions
from autoequivariant.data.tables.table_file import TableFile
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget


def read_table(path, target, drop):
    return TableFile().read(path, ReadOptions(target=target, drop=drop))


NOISE = np.random.default_rng(0).normal(size=200)


@pytest.mark.parametrize(
    ("column", "offset"),
    [
        (1.7e9 + 30 * NOISE, 1_700_000_000),
        (-1_712_345_678 + 30 * NOISE, -1_712_345_700),
        (1.7e9 + 1e4 * NOISE, 1_700_000_000),
        ((1.7e9 + 30 * NOISE).astype(np.int64), 1_700_000_000),
        (5e6 + 100 * NOISE, 5e6),
        (1 + 1e-6 * NOISE, 1),
        (1.7e9 + 1e5 * NOISE, None),
        (5e6 + 300 * NOISE, None),
        (1 + 1e-4 * NOISE, None),
        (30 * NOISE, None),
        (1e-50 * NOISE, None),
        (np.array([0.0, 1.0]), None),
    ],
)
def test_what_is_rounded_away(column, offset):
    found = lossy_columns([("a", NOISE), ("t", column)])
    assert [one.name for one in found] == ([] if offset is None else ["t"])
    assert [one.offset for one in found] == ([] if offset is None else [offset])
    assert lossy_columns([("t", column - one.offset) for one in found]) == ()


@pytest.mark.parametrize(
    ("column", "is_kept"),
    [
        ((1.7e9 + 30 * NOISE).astype(np.float32), True),
        (2.0**30 + 128 * np.arange(200), True),
        (2.0**30 + 100 * np.arange(200), False),
        (np.arange(2**23, 2**23 + 200), True),
        (np.arange(2**24, 2**24 + 200), False),
        (np.full(200, 1.7e9), True),
        (1.7e9 + 2e-7 * np.arange(200) % 5e-7, True),  # a constant, but for its last digits
    ],
)
def test_what_is_far_from_0_may_keep_its_differences(column, is_kept):
    assert (lossy_columns([("t", column)]) == ()) == is_kept


def far(shape, axis, place):
    x = np.random.default_rng(1).normal(size=shape)
    index = [slice(None)] * len(shape)
    index[axis] = place
    x[tuple(index)] = 1.7e9 + 30 * x[tuple(index)]
    return x


@pytest.mark.parametrize(
    ("x", "kind", "columns", "message"),
    [
        (far((200, 3), 1, 1), None, ("a", "t", "b"), "The column 't' of box lies so far from 0"),
        (far((200, 3), 1, 1), None, (), "The column '1' of box .* such as 1700000000.$"),
        (far((200, 3), 1, slice(1, 3)), None, (), "The columns '1' and '2' .* lie .* from '1'.$"),
        (far((50, 4, 9), 1, 3), "sequence", (), "The channel '3' of box lies"),
        (far((50, 3, 8, 8), 1, 2), None, (), "The channel '2' of box lies"),
        (far((50, 8, 8, 3), 3, 2), None, (), "The channel '2' of box lies"),
    ],
)
def test_samples_that_are_refused(x, kind, columns, message):
    y = np.arange(len(x)) % 2
    with pytest.raises(DataError, match=message):
        make_samples("box", Arrays(x, y, columns=columns), kind)
    near = np.where(x > 1e9, x - 1.7e9, x)
    assert make_samples("box", Arrays(near, y, columns=columns), kind).x.dtype == np.float32
    assert len(make_samples("box", Arrays(x.astype(np.float32), y), kind).x) == len(x)


def test_targets_that_are_refused():
    x, y = NOISE[:, None], 1.7e9 + 100 * NOISE
    message = (
        "The target 'y' of box lies so far from 0 for its spread .1.7e.09 ± .* such as 1700000000, "
        "and add it to the predictions.$"
    )
    with pytest.raises(DataError, match=message):
        make_samples("box", Arrays(x, y, targets=("y",)))
    with pytest.raises(DataError, match="The target 'target_1' of box lies"):
        make_samples("box", Arrays(x, np.stack([NOISE, y], axis=1)))
    samples = make_samples("box", Arrays(x, y - 1.7e9, targets=("y",)))
    assert np.allclose(samples.y[:, 0], 100 * NOISE, atol=1e-4)


def test_tables_that_are_refused(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{1_700_000_000 + 7 * k},{k % 5},{k / 8}" for k in range(100)]
    path.write_text("\n".join(["time,a,y", *rows]))
    message = "The column 'time' of .*t.csv lies .*, or leave that column out with --drop time.$"
    with pytest.raises(DataError, match=message):
        read_table(path, ["y"], None)
    assert read_table(path, ["y"], ["time"]).columns == ("a",)
    raw = TableFile().read_input(path, InputSpec(columns=("time", "a")), MemoryBudget())
    assert np.shape(raw.x) == (100, 2)
