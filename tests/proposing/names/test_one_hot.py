"""One-hot blocks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.proposing.names.draft import Draft
from autoequivariant.proposing.names.one_hot import one_hot_blocks, one_hot_drafts

from .moved import draft_moves


def coded(shares: list[float], rows: int = 400, seed: int = 0) -> NDArray[np.float64]:
    codes = np.random.default_rng(seed).choice(len(shares), rows, p=shares)
    return np.eye(len(shares))[codes]


def drafts_of(columns: list[str], x: NDArray[np.float64], claimed: set[int]) -> list[Draft]:
    return one_hot_drafts(one_hot_blocks(columns, (), x), claimed)


@pytest.mark.parametrize("separator", ["=", "_", ".", " ", ": ", "__"])
def test_the_values_nearest_in_frequency_are_exchanged_and_all_go_round(separator: str) -> None:
    values = ["blue", "dark red", "Self-emp", "grey"]
    columns = [f"colour{separator}{value}" for value in values]
    x = np.hstack([coded([0.1, 0.6, 0.05, 0.25]), np.ones((400, 1))])
    swap, ring = drafts_of([*columns, "colourful"], x, set())
    assert set(draft_moves(swap, columns)) == {columns[0], columns[2]}
    order = [1, 3, 0, 2]
    assert ring.cycles == (tuple(order),)


def test_blocks_with_the_same_values_are_exchanged_as_wholes() -> None:
    columns = [f"{one}={value}" for one in ("left", "right", "up") for value in "xyz"]
    x = np.hstack([coded([0.5, 0.3, 0.2], seed=seed) for seed in range(3)])
    swap, ring, *inside = drafts_of(columns, x, set())
    assert draft_moves(swap, columns)["left=x"] == "right=x"
    assert draft_moves(ring, columns)["up=z"] == "left=z"
    assert len(inside) == 4


def test_two_values_have_no_ring() -> None:
    assert len(drafts_of(["sex_f", "sex_m"], coded([0.5, 0.5]), set())) == 1


def test_values_in_an_order_are_not_exchanged() -> None:
    columns = ["h_0", "h_1", "h_2"]
    x = coded([0.4, 0.3, 0.3])
    assert drafts_of(columns, x, {0, 1, 2}) == []
    assert len(drafts_of(columns, x, set())) == 2


X = coded([0.5, 0.3, 0.2])
NOTHING = [
    (["c_a", "c_b", "c_c"], np.where(X == 1, 2, 0)),  # no flags
    (["c_a", "c_b"], X[:, :2]),  # a value is missing
    (["c_a", "c_b", "d_c"], X),  # of two beginnings
    (["a", "b", "c"], X),
    (["c_a", "c_b", "c_c"], np.vstack([X, [[1, 1, 0]]])),
]


@pytest.mark.parametrize(("columns", "x"), NOTHING)
def test_near_misses_are_no_blocks(columns: list[str], x: NDArray[np.float64]) -> None:
    assert one_hot_blocks(columns, (), x) == []


def test_columns_of_text_are_in_no_block() -> None:
    columns = ["c_a", "c_b"]
    x = coded([0.5, 0.5])
    assert one_hot_blocks(columns, ((), ()), x)
    assert not one_hot_blocks(columns, (("u", "v"), ("u", "v")), x)
