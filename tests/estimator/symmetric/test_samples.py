"""Samples as tensors, and back."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LinearRegression

from autoequivariant.estimator.symmetric.samples import SampleForm
from autoequivariant.groups.permutation import Permutation

STILL = [Permutation.identity(3)]
SWAP = [Permutation([1, 0, 2])]


def back_and_forth(x: Any, moves: list[Permutation]) -> tuple[torch.Tensor, Any]:
    form = SampleForm.of(x, LinearRegression(), moves)
    encoded = form.encode(x)
    return encoded, form.decode(encoded)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint8", "uint32", "bool"])
def test_arrays(dtype: str) -> None:
    x = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    x.setflags(write=False)
    encoded, decoded = back_and_forth(x, STILL)
    assert encoded.shape == (2, 3)
    assert np.array_equal(decoded, x)
    images, flat = back_and_forth(x.reshape(1, 2, 3), STILL)
    assert images.shape == (1, 2, 3)
    assert flat.shape == (1, 6)


FRAMES = {
    "numbers": {"a": [1, 2], "b": [3, 4], "c": [0.5, 1.5]},
    "text": {"a": ["x", "y"], "b": ["z", "x"], "c": [1, 2]},
    "missing": {"a": ["x", None], "b": [None, "y"], "c": [1.0, np.nan]},
    "booleans": {"a": [True, False], "b": [False, False], "c": [1, 2]},
    "categories": {"a": pd.Categorical(["x", "y"]), "b": pd.Categorical(["y", "w"]), "c": [1, 2]},
    "dates": {"a": pd.to_datetime(["2020-01-02", "2020-01-01"]), "b": [1, 2], "c": ["x", "y"]},
    "nullable": {"a": pd.array([1, None], "Int64"), "b": pd.array([2, 3], "Int64"), "c": [1, 2]},
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back_as_they_were(name: str) -> None:
    x = pd.DataFrame(FRAMES[name])
    encoded, decoded = back_and_forth(x, STILL)
    assert encoded.dtype == torch.float64
    pd.testing.assert_frame_equal(decoded, x, check_categorical=False)


@pytest.mark.parametrize("name", [name for name in FRAMES if name != "dates"])
def test_exchanged_columns_share_a_type_and_codes(name: str) -> None:
    x = pd.DataFrame(FRAMES[name])
    form = SampleForm.of(x, LinearRegression(), SWAP)
    moved = form.decode(form.encode(x)[:, [1, 0, 2]])
    assert moved.dtypes["a"] == moved.dtypes["b"]
    assert moved["a"].astype(object).fillna("none").tolist() == (
        x["b"].astype(object).fillna("none").tolist()
    )


def test_codes_keep_the_order_of_text() -> None:
    """Whatever other values a frame has: so that representatives do not depend on it."""
    few = pd.DataFrame({"a": ["d"], "b": ["b"], "c": [0]})
    many = pd.DataFrame({"a": ["d", "a"], "b": ["b", "c"], "c": [0, 0]})
    for x in (few, many):
        encoded, _ = back_and_forth(x, SWAP)
        assert encoded[0, 0] > encoded[0, 1]


def test_numbers_of_two_types_become_real() -> None:
    x = pd.DataFrame({"a": [1, 2], "b": [0.5, 1], "c": [1, 2]})
    _, decoded = back_and_forth(x, SWAP)
    assert [str(dtype) for dtype in decoded.dtypes] == ["float64", "float64", "int64"]
    negated = [Permutation([0, 1, 2], [-1, 1, 1])]
    small = x.astype({"a": np.uint8})
    assert str(back_and_forth(small, negated)[1].dtypes["a"]) == "float64"
