"""Which entries of a group convolution's kernel share a weight (law 6)."""

from __future__ import annotations

from functools import lru_cache

from autoequivariant.groups.orbits import Orbits, pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import cube
from autoequivariant.groups.point_group.group import PointGroup


@lru_cache
def kernel_orbits(group: PointGroup, side: int, lifting: bool = False) -> Orbits:
    """Return which entries of a group convolution's kernel share a weight.

    Args:
        group: the point group.
        side: length of the kernel along each axis.
        lifting: whether the input is a sample instead of a feature map.

    Returns:
        Orbits of (out element, in element, position), labels of shape
        `(order, order * side**dimensions)`. For a lifting kernel of (out element, position), shape
        `(order, side**dimensions)`, or where the group moves channels of (out element, channel,
        position), shape `(order, channels * side**dimensions)`, with signs if it has any. The group
        acts freely on its elements, so each row of labels contains each number once, no weight is
        forced to zero, and the free weights are the first row: the identity's kernel.
    """
    positions = cube(group.dimensions, side)
    outs = [group.left_multiplication(element) for element in group.generators]
    moves = [element.action(positions) for element in group.generators]
    count, blocks = group.order, outs
    if lifting:
        count = group.moved_channels or 1
        blocks = [element.channel_action(count) for element in group.generators]
    ins = [Permutation.kron(block, move) for block, move in zip(blocks, moves, strict=True)]
    return pair_orbits(outs, ins, group.order, count * positions.size)
