"""Random elements of a candidate's group."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.clusters import Clusters
from autoequivariant.evidence.testing.moves import Labelled, Moves, is_fixed
from autoequivariant.groups.domain import Domain, Features, Grid
from autoequivariant.groups.element import Element, element_of
from autoequivariant.groups.symmetry import parse_symmetries


def elements(domain: Domain, names: str) -> list[Element]:
    return [element_of(one, domain, 1, 2) for one in parse_symmetries(names)]


@pytest.mark.parametrize(("names", "count"), [("rot90", 3), ("hflip", 1), ("translate_x:1", 3)])
def test_a_small_cyclic_group_has_all_its_elements(names: str, count: int) -> None:
    moves = Moves.of(elements(Grid(4, 4), names), np.random.default_rng(0))
    assert len(moves.elements) == len(set(moves.elements)) == count


def test_with_each_element_its_inverse() -> None:
    generators = elements(Features(9), ",".join(f"swap:{k}-{k + 1}" for k in range(8)))
    found = Moves.of(generators, np.random.default_rng(0)).elements
    assert len(found) > 20
    assert {element.inverse() for element in found} == set(found)


def test_a_cluster_moves_as_one() -> None:
    moves = Moves.of(elements(Grid(4, 4), "rot90"), np.random.default_rng(0))
    clusters = Clusters.of(np.array([0, 0, 1, 1, 2, 2]), 6)
    drawn = moves.draw(clusters, np.random.default_rng(1))
    assert (drawn[::2] == drawn[1::2]).all()


def test_labels_move_and_fixed_samples_are_known() -> None:
    (flip,) = elements(Grid(2, 2), "hflip")
    x = np.array([[1, 2, 1, 2], [3, 3, 4, 4]], np.float32)
    samples = Labelled(x, np.array([0, 1]), 2)
    moves = Moves((flip,))
    moved = moves.apply(samples, np.zeros(2, np.int64))
    assert moved.x.tolist() == [[2, 1, 2, 1], [3, 3, 4, 4]]
    assert is_fixed(samples, moved).tolist() == [False, True]
