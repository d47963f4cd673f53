"""Groups of all permutations of equal blocks and of independent sign changes, from generators.

Such a group may be far too large to enumerate, yet each orbit has a representative that takes no
more than sorting: absolute values where signs are free, then the blocks in order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.groups.permutation import IntArray, Permutation

_MOST_STEPS = 2**27  # of array operations, to find which orbits move together


@dataclass(frozen=True, eq=False)
class SortedBlocks:
    """A product of symmetric groups, each on blocks of indices, and of sign changes.

    Attributes:
        families: for each symmetric group the indices that it permutes, shape `(blocks, width)`:
            it takes row to row, and keeps the order within rows.
        free_signs: whether the sign of each index is free; shape `(n,)`.
    """

    families: tuple[IntArray, ...]
    free_signs: NDArray[np.bool_]

    @property
    def order(self) -> int:
        """The number of elements."""
        blocks = math.prod(math.factorial(len(family)) for family in self.families)
        return int(blocks * 2 ** int(self.free_signs.sum()))


def sorted_blocks(generators: Sequence[Permutation]) -> SortedBlocks | None:
    """Return the structure of the group that signed permutations generate, if it is of this kind.

    Each generator must either permute indices or change the sign of a single one, and among the
    permutations must be exchanges of two blocks that, with their conjugates, connect all blocks of
    a family: they generate its symmetric group.

    Args:
        generators: at least one.

    Returns:
        None if the group is of another kind, or is not recognised.
    """
    size = generators[0].size
    flips = [one for one in generators if one.is_signed]
    moves = [one.image for one in generators if not one.is_signed and not one.is_identity]
    here = np.arange(size)
    if any((one.image != here).any() or (one.signs < 0).sum() != 1 for one in flips):
        return None
    labels = _orbits(moves, size)
    flipped = np.array([one.signs.argmin() for one in flips], np.int64)
    free_signs = np.isin(labels, labels[flipped])  # a conjugate of a sign change is one
    families = _families(moves, labels)
    if families is None or not all(_is_symmetric(family, moves, families) for family in families):
        return None
    return SortedBlocks(tuple(families), free_signs)


def _orbits(moves: Sequence[IntArray], size: int) -> IntArray:
    """Return the number of each index's orbit."""
    here = np.arange(size)
    starts, ends = np.tile(here, len(moves)), np.concatenate([here[:0], *moves])
    graph = coo_array((np.ones(len(starts), np.int8), (starts, ends)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _families(moves: Sequence[IntArray], labels: IntArray) -> list[IntArray] | None:
    """Return the orbits of more than one index, those that move together as one family."""
    found: list[list[IntArray]] = []
    orbits = [np.flatnonzero(labels == number) for number in np.unique(labels)]
    steps = 0
    for orbit in (one for one in orbits if len(one) > 1):
        for family in found:
            if len(family[0]) != len(orbit):
                continue
            steps += len(moves) * len(orbit) ** 2
            if steps > _MOST_STEPS:
                return None
            twin = _moving_together(family[0], orbit, moves)
            if twin is not None:
                family.append(twin)
                break
        else:
            found.append([orbit])
    return [np.stack(family, axis=1) for family in found]


def _moving_together(
    first: IntArray, second: IntArray, moves: Sequence[IntArray]
) -> IntArray | None:
    """Return the second orbit in an order in which all moves act as on the first, or None."""
    place = {int(index): number for number, index in enumerate(first)}
    images = np.full((len(second), len(first)), -1)  # a row for each image of the first index
    images[:, 0] = second
    reached = [0]
    for number in reached:
        for move in moves:
            to = place[int(move[first[number]])]
            if images[0, to] < 0:
                images[:, to] = move[images[:, number]]
                reached.append(to)
    for move in moves:
        places = np.array([place[int(index)] for index in move[first]])
        images = images[(images[:, places] == move[images]).all(axis=1)]
    return images[0] if len(images) else None


def _is_symmetric(
    family: IntArray, moves: Sequence[IntArray], families: Sequence[IntArray]
) -> bool:
    """Whether exchanges of two blocks, conjugated by the moves, connect all blocks of a family."""
    elsewhere = [other[:, 0] for other in families if other is not family]
    fixed = np.concatenate([family[:0, 0], *elsewhere])
    rows = np.full(int(family.max()) + 1, -1)
    rows[family[:, 0]] = np.arange(len(family))
    places = [rows[move[family[:, 0]]] for move in moves]
    pairs: set[tuple[int, int]] = set()
    for move, place in zip(moves, places, strict=True):
        moved = np.flatnonzero(place != np.arange(len(place)))
        if len(moved) == 2 and np.array_equal(move[fixed], fixed):
            pairs.add((int(moved[0]), int(moved[1])))
    new = set(pairs)
    while new and not _connects(pairs, len(family)):
        images = {(int(place[i]), int(place[j])) for place in places for i, j in new}
        new = {(min(pair), max(pair)) for pair in images} - pairs
        pairs |= new
    return _connects(pairs, len(family))


def _connects(pairs: set[tuple[int, int]], count: int) -> bool:
    ends = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), ends.T), shape=(count, count))
    return int(connected_components(graph, directed=False)[0]) == 1
