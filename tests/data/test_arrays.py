import numpy as np
import pytest

from autoequivariant.data.arrays import as_numbers
from autoequivariant.errors import DataError


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("u1", "u1"), ("i1", "f4"), (">i2", "f4"), ("i8", "f4"), ("?", "f4"),
        ("f2", "f4"), ("f4", "f4"), (">f8", "f4"),
    ],
)  # fmt: skip
def test_real_numbers_become_uint8_or_float32(given, kept):
    values = as_numbers(np.ones((3, 2), given), "train", "box")
    assert values.dtype == np.dtype(kept)
    assert values.tolist() == [[1, 1]] * 3


@pytest.mark.parametrize(
    "values",
    [
        np.ones((2, 2), complex), np.full((2, 2), "a"), np.full((2, 2), None),
        np.zeros((2, 2), "M8[s]"), np.zeros((2, 2), [("a", "f4")]),
    ],
)  # fmt: skip
def test_other_types_are_refused(values):
    with pytest.raises(DataError, match="The test samples of box are of type .*: give real"):
        as_numbers(values, "test", "box")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[1.5, "red"], [2, "blue"]], object), "'red' in column 1, sample 0.: give real"),
        (np.array([[1.5, 2], [2, b"x"]], object), "b'x'\" in column 1, sample 1"),
        (np.zeros((2, 2), "M8[s]"), "'1970-01-01T00:00:00' in column 0, sample 0.: .* days for"),
        (np.array([[1.5, 2]], object), "of type object: give"),
    ],
)
def test_what_is_no_number_is_located(values, message):
    with pytest.raises(DataError, match=message):
        as_numbers(values, "train", "box")


@pytest.mark.parametrize("value", [np.nan, 5])
def test_single_numbers_are_refused(value):
    with pytest.raises(DataError, match="train samples of box are a single number: give one row"):
        as_numbers(value, "train", "box")
    assert as_numbers([value if value == 5 else 1.0], "train", "box").shape == (1,)


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((0,))])
def test_empty_arrays_are_refused(values):
    with pytest.raises(DataError, match="train samples of box are empty"):
        as_numbers(values, "train", "box")


def test_nan_and_infinite_values_are_counted_and_located():
    values = np.ones((9, 4))
    assert as_numbers(values, "train", "box").shape == (9, 4)
    values[7, 1] = np.nan
    with pytest.raises(DataError, match="hold 1 value that is NaN .* the first in sample 7"):
        as_numbers(values, "train", "box")
    values[3] = [np.inf, -np.inf, 1, 1e300]
    with pytest.raises(DataError, match="train .*hold 4 values.* sample 3: .* those 2 samples out"):
        as_numbers(values, "train", "box")
