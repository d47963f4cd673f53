"""Shared kernels are the identity's kernel, moved by each element."""

import numpy as np
import pytest

from autoequivariant.groups.domain import Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import cube
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.kernel import kernel_orbits
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries

COLOURS = Symmetry("colours", custom=CustomAction(channels=Permutation([1, 2, 0], [1, -1, -1])))
GROUPS = [
    PointGroup.of((*parse_symmetries(text), *others), domain, channels)
    for text, domain, channels, others in (
        ("", Grid(8, 8), 1, ()),
        ("rot90", Grid(8, 8), 1, ()),
        ("transpose", Grid(8, 8), 1, ()),
        ("rot90,hflip", Grid(8, 8), 1, ()),
        ("hflip", Grid(8, 8), 3, (COLOURS,)),
        ("reverse", Sequence(9), 1, ()),
        ("reverse_complement", Sequence(9), 4, ()),
        ("reverse,negate", Sequence(9), 2, ()),
        ("rot90_xy,flip_z", Volume(5, 5, 5), 1, ()),
    )
]


@pytest.mark.parametrize("side", [1, 2, 3])
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_orbits_are_those_of_the_enumerated_group(group: PointGroup, side: int) -> None:
    """`kernel[g][g k, g x] = kernel[identity][k, x]`, and each free weight once in a row."""
    positions, order = cube(group.dimensions, side), group.order
    inner = kernel_orbits(group, side)
    base = np.arange(order * positions.size)
    for row, g in enumerate(group.elements):
        move = Permutation.kron(group.left_multiplication(g), g.action(positions))
        assert np.array_equal(inner.labels[row], move.apply(base))
    lifting = kernel_orbits(group, side, lifting=True)
    channels = group.moved_channels or 1
    base = np.arange(channels * positions.size)
    for row, g in enumerate(group.elements):
        move = Permutation.kron(g.channel_action(channels), g.action(positions))
        assert np.array_equal(lifting.labels[row], np.abs(move.apply(base)))
        signs = np.ones(base.size) if lifting.signs is None else lifting.signs[row]
        assert np.array_equal(signs, move.apply(np.ones(base.size)))
    for orbits in (inner, lifting):
        count = orbits.labels.shape[1]
        assert orbits.count == count and orbits.free.all()
        assert np.array_equal(np.sort(orbits.labels), np.tile(np.arange(count), (order, 1)))
