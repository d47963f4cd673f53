"""Elements of a group on samples and outputs."""

import numpy as np
import pytest

from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.element import Element, element_of, members_of, random_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import parse_symmetries

(TURN,) = (element_of(one, Grid(3, 3), 2, 4) for one in parse_symmetries("rot90"))
EXCHANGE = Element(Permutation.identity(2), Permutation([1, 0]))


def test_an_element_moves_each_channel_and_keeps_outputs() -> None:
    x = np.arange(18).reshape(2, 9)
    moved = TURN.points.apply(x.reshape(1, 18)).reshape(2, 3, 3)
    assert np.array_equal(moved, np.rot90(x.reshape(2, 3, 3), axes=(1, 2)))
    assert TURN.outputs.is_identity


def test_products_powers_and_orders() -> None:
    assert TURN.order == 4
    assert EXCHANGE.order == 2  # by its outputs alone
    assert (TURN**4).is_identity
    assert (TURN @ TURN.inverse()).is_identity
    assert TURN**2 == TURN @ TURN != TURN
    assert EXCHANGE.apply_to_outputs(np.array([[1.0, 2.0]])).tolist() == [[2.0, 1.0]]


def test_random_elements_are_distinct_and_come_with_their_inverses() -> None:
    swaps = ",".join(f"swap:{k}-{k + 1}" for k in range(8))
    generators = [element_of(one, Features(9), 1, 2) for one in parse_symmetries(swaps)]
    found = random_elements(generators, 30, np.random.default_rng(0))
    assert len(found) == len(set(found)) > 30
    assert {one.inverse() for one in found} == set(found)
    assert not any(one.is_identity for one in found)
    assert found == random_elements(generators, 30, np.random.default_rng(0))


def generators(names: str, side: int = 4) -> list[Element]:
    return [element_of(s, Grid(side, side), 1, 3) for s in parse_symmetries(names)]


@pytest.mark.parametrize(
    ("names", "order"),
    [("hflip", 2), ("rot90,hflip", 8), ("translate_x:1,translate_y:1", 16)],
)
def test_a_small_group_is_whole(names: str, order: int) -> None:
    found = members_of(generators(names), order, np.random.default_rng(0))
    assert found[0].is_identity and len(set(found)) == len(found) == order


def test_of_a_large_group_there_is_a_part() -> None:
    found = members_of(generators("translate_x:1,rot90", 12), 64, np.random.default_rng(0))
    assert found[0].is_identity
    assert len(set(found)) == len(found) == 64
