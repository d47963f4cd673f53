"""Commuting involutions that leave no index where it is: what makes equivariant maps blocks.

Let `A` be a group of `2^k` such involutions and the identity, acting freely on the inputs and on
the outputs of a linear map that is equivariant to it. Write an index as `a.r`, with `a` in `A` and
`r` one of the representatives of the orbits. Then the map's matrix depends on `a b` alone where it
takes `b.s` to `a.r`: it is a convolution on `A`, and the characters of `A` (the Walsh functions)
turn it into `2^k` blocks, each `2^k` times smaller on either side. So a product with it costs
`2^k` times fewer multiplications, and its matrix is known from a `2^k`-th of its entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.permutation import Permutation

IntArray = NDArray[np.int64]

MOST_BLOCKS = 16
"""More blocks than this are too small for a product of matrices to be fast."""
_MOST_PRODUCTS = 100
_MOST_ORDER = 1000


def free_arrangement(
    generators: Sequence[Sequence[Permutation]], sizes: Sequence[int]
) -> list[IntArray] | None:
    """Find commuting involutions in a group, and arrange each domain's indices by their orbits.

    Args:
        generators: for each generator its action on each domain.
        sizes: number of indices of each domain.

    Returns:
        For each domain an array of shape `(2^k, size / 2^k)`: row `a` holds where element `a` takes
        the representatives of row 0. Element `a b` has the number `a ^ b`. None where no involution
        is found that moves every index of every domain, or where actions have signs.

    A larger group may be there than is found: half powers of generators and of products of two of
    them are looked at.
    """
    if any(action.is_signed for row in generators for action in row):
        return None
    starts = np.cumsum([0, *sizes])
    # One permutation of all domains beside each other.
    rows = [
        np.concatenate([p.image + start for p, start in zip(row, starts, strict=False)])
        for row in generators
    ]
    group = _grow(_involutions(rows), int(starts[-1]))
    if len(group) == 1:
        return None
    stacked = np.stack(group)
    bounds = zip(starts, starts[1:], strict=False)
    return [_arranged(stacked[:, first:last] - first) for first, last in bounds]


def _involutions(rows: Sequence[IntArray]) -> Iterator[IntArray]:
    """Involutions of the group that move every index: half powers, of generators first."""
    halves = [half for half in map(_half_power, rows) if half is not None]
    yield from halves
    for number, (g, h) in enumerate(combinations([*rows, *halves], 2)):
        if number == _MOST_PRODUCTS:
            return
        half = _half_power(g[h])
        if half is not None:
            yield half


def _half_power(image: IntArray) -> IntArray | None:
    """The power of a permutation that is an involution; None where that leaves any index."""
    here = np.arange(len(image))
    powers = [here]
    while not np.array_equal(power := image[powers[-1]], here):
        if len(powers) == _MOST_ORDER:
            return None
        powers.append(power)
    half = powers[len(powers) // 2]
    return None if len(powers) % 2 or (half == here).any() else half


def _grow(involutions: Iterator[IntArray], size: int) -> list[IntArray]:
    """Add involutions that commute, as long as every product of them moves every index."""
    here = np.arange(size)
    group = [here]
    for g in involutions:
        if len(group) == MOST_BLOCKS:
            break
        if any(np.array_equal(g, h) or not np.array_equal(g[h], h[g]) for h in group):
            continue
        products = [g[h] for h in group]
        if not any((product == here).any() for product in products):
            group += products
    return group


def _arranged(images: IntArray) -> IntArray:
    """The columns of `images`, shape `(elements, n)`, that begin with the least of their orbit."""
    representatives = np.flatnonzero(images.min(axis=0) == images[0])
    return np.ascontiguousarray(images[:, representatives])
