"""The search for permutations that preserve a pattern."""

import numpy as np
import pytest

from autoequivariant.proposing.association.automorphisms import (
    cycle,
    cycle_through,
    interchangeable,
    preserving_group,
    symmetric_generators,
)
from autoequivariant.proposing.association.beam import Beam, order_of
from autoequivariant.proposing.association.likelihood import orbits

from .test_likelihood import likelihood_of, ring_values


def test_cycles() -> None:
    assert cycle([3, 1, 2], 5).tolist() == [0, 2, 3, 1, 4]
    assert cycle_through(cycle([3, 1, 2], 5), 3) == [3, 1, 2]
    assert [one.tolist() for one in symmetric_generators([0, 2], 3)] == [[2, 1, 0]]
    swap, ring = symmetric_generators([0, 1, 3], 4)
    assert (swap.tolist(), ring.tolist()) == ([1, 0, 2, 3], [1, 3, 2, 0])


def test_the_beam_finds_a_rotation_or_its_mirror() -> None:
    likelihood = likelihood_of(ring_values(12, 8.0))
    for image in (1, 5):
        found = Beam(likelihood, [0], 50).search([image])[0]
        assert found[0] == image
        steps = (found - np.roll(found, 1)) % 12
        assert set(steps.tolist()) in ({1}, {11})


def test_columns_are_ordered_by_association() -> None:
    likelihood = likelihood_of(ring_values(8, 9.0))
    order = order_of(likelihood.kinds, 8, [0])
    for place in range(1, 8):
        assert any((order[place] - other) % 8 in (1, 7) for other in order[:place])


@pytest.mark.parametrize("sets", [[range(8)], [range(4), range(4, 8)], []])
def test_interchangeable_columns(sets: list[range]) -> None:
    values = np.linspace(-60, 60, 8)
    for number, columns in enumerate(sets):
        values[list(columns)] = 9.0 * (-1) ** number
    assert interchangeable(likelihood_of(values)) == [list(columns) for columns in sets]


@pytest.mark.parametrize(("size", "count"), [(8.0, 1), (0.0, 12)])
def test_the_group_of_a_ring(size: float, count: int) -> None:
    found = preserving_group(likelihood_of(ring_values(12, size)))
    columns, _ = orbits(found.generators, 12)
    assert len(np.unique(columns)) == count
