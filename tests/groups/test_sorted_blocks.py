"""Groups of permutations of blocks and of sign changes, against their enumeration."""

import math
from typing import Any

import numpy as np
import pytest

from autoequivariant.groups.custom.notation import IndexNames, parse_permutation
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.sorted_blocks import sorted_blocks

SIZE = 8


def permutations(*moves: dict[str, Any], size: int = SIZE) -> list[Permutation]:
    names = IndexNames(size, (), "column")
    return [parse_permutation(move, names) for move in moves]


def order_of(generators: list[Permutation]) -> int:
    found = group_elements(generators, generators[0] ** 0, 50_000)
    assert found is not None
    return len(found)


@pytest.mark.parametrize(
    ("moves", "families", "free"),
    [
        ([{"swap": "0 <-> 1"}], [[[0], [1]]], []),
        ([{"swap": "0 <-> 2, 1 <-> 3"}], [[[0, 1], [2, 3]]], []),
        ([{"swap": "0 <-> 1"}, {"swap": "1 <-> 2"}], [[[0], [1], [2]]], []),
        ([{"swap": "0 <-> 1"}, {"ring": "0 1 2 3"}], [[[0], [1], [2], [3]]], []),
        ([{"swap": "0 <-> 1"}, {"swap": "6 <-> 5"}], [[[0], [1]], [[5], [6]]], []),
        (
            [{"swap": "0 <-> 3, 1 <-> 2"}, {"swap": "3 <-> 4, 2 <-> 5"}],
            [[[0, 1], [3, 2], [4, 5]]],
            [],
        ),
        ([{"negate": "3"}], [], [3]),
        ([{"negate": "0"}, {"swap": "0 <-> 1"}], [[[0], [1]]], [0, 1]),
        ([{"negate": "0"}, {"swap": "0 <-> 2, 1 <-> 3"}], [[[0, 1], [2, 3]]], [0, 2]),
    ],
)
def test_structures(moves: list[dict[str, Any]], families: list[Any], free: list[int]) -> None:
    generators = permutations(*moves)
    found = sorted_blocks(generators)
    assert found is not None
    assert [family.tolist() for family in found.families] == families
    assert np.flatnonzero(found.free_signs).tolist() == free
    assert found.order == order_of(generators)


@pytest.mark.parametrize(
    "moves",
    [
        [{"ring": "0 1 2"}],  # rotations alone
        [{"ring": "0 1 2 3"}, {"swap": "0 <-> 2"}],  # of the square: not all permutations
        [{"negate": "0 1"}],  # two signs at once
        [{"swap": "0 <-> 1", "negate": "2"}],
        [{"swap": "0 <-> 1, 2 <-> 3"}, {"swap": "0 <-> 2, 1 <-> 3"}],  # Klein's group
        [{"swap": "0 <-> 1, 3 <-> 4"}, {"swap": "1 <-> 2, 4 <-> 5"}, {"swap": "0 <-> 3"}],
    ],
)
def test_other_groups_are_not_taken_for_one(moves: list[dict[str, Any]]) -> None:
    assert sorted_blocks(permutations(*moves)) is None


def test_random_groups_are_recognised_only_where_the_order_agrees() -> None:
    rng = np.random.default_rng(0)
    recognised = 0
    for _ in range(300):
        count = int(rng.integers(1, 4))
        generators = []
        for _ in range(count):
            image = np.arange(6)
            for _ in range(int(rng.integers(1, 3))):
                i, j = rng.choice(6, 2, replace=False)
                image[[i, j]] = image[[j, i]]
            generators.append(Permutation(image))
        if all(one.is_identity for one in generators):
            continue
        found = sorted_blocks(generators)
        if found is not None:
            recognised += 1
            assert found.order == order_of(generators)
    assert recognised > 50


def test_large_groups_take_no_enumeration() -> None:
    swaps = [{"swap": f"{k} <-> {k + 1}"} for k in range(199)]
    found = sorted_blocks(permutations(*swaps, {"negate": "7"}, size=200))
    assert found is not None
    assert found.order == math.factorial(200) * 2**200
