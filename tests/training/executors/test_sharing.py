"""Arrays that are stored once and read without a copy."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.training.executors.sharing import LEAST_BYTES, SharedArrays, loads

LARGE = LEAST_BYTES // 8  # float64


class Store:
    """Keeps copies that nobody may write to, as an object store does."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []

    def put(self, array: Any) -> int:
        stored = array.copy()
        stored.flags.writeable = False
        self.arrays.append(stored)
        return len(self.arrays) - 1

    def read(self, pickled: bytes, references: list[int]) -> Any:
        return loads(pickled, [self.arrays[number] for number in references])


@pytest.fixture
def store() -> Store:
    return Store()


def test_an_array_of_several_values_is_stored_once(store: Store) -> None:
    shared, x = SharedArrays(store.put), np.arange(LARGE, dtype=float)
    y = torch.arange(LARGE, dtype=torch.float64)
    first = shared.dumps({"x": x, "again": x, "y": y, "small": x[:3]})
    second = shared.dumps((y, x))
    assert len(store.arrays) == 2
    assert len(first[0]) + len(second[0]) < LEAST_BYTES
    read = store.read(*first)
    assert read["x"] is read["again"] is store.arrays[first[1][0]]  # no copy
    assert np.array_equal(read["x"], x) and np.array_equal(read["small"], x[:3])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tensor, array = store.read(*second)
    assert torch.equal(tensor, y) and np.array_equal(array, x)
    assert tensor.data_ptr() == store.arrays[second[1][0]].ctypes.data


@pytest.mark.parametrize(
    "value",
    [
        np.arange(LARGE - 1, dtype=float),
        np.arange(2 * LARGE, dtype=float)[::2],
        np.array([{}] * LARGE, dtype=object),
        torch.ones(LARGE, requires_grad=True),
        torch.ones(LARGE, dtype=torch.bfloat16),
        torch.ones(2, LARGE).T,
        torch.nn.Parameter(torch.ones(LARGE)),
    ],
    ids=["small", "steps", "objects", "trained", "no NumPy type", "transposed", "parameter"],
)
def test_other_arrays_are_pickled(store: Store, value: Any) -> None:
    read = store.read(*SharedArrays(store.put).dumps(value))
    assert not store.arrays
    assert type(read) is type(value)
    same = torch.equal if isinstance(value, torch.Tensor) else np.array_equal
    assert same(read, value)


def test_an_array_that_takes_the_place_of_another_is_stored(store: Store) -> None:
    shared = SharedArrays(store.put)
    for number in range(20):  # freed memory is used again, often at the same address
        x = np.full(LARGE, number, float)
        assert store.read(*shared.dumps(x))[0] == number
        del x
        assert not shared._known
    assert len(store.arrays) == 20
