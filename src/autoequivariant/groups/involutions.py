"""Free actions of elementary abelian 2-groups, which make equivariant maps block-diagonal.

Let `A` be an elementary abelian 2-group (`2^k` elements: commuting involutions and the identity)
that acts freely on the inputs and outputs of a linear map, to which the map is equivariant. Write
each index as `a.r`, with `a` in `A` and `r` a representative of its orbit. Then the entry of the
matrix from `b.s` to `a.r` depends on `a b` alone: the map is a convolution on `A`, and the
characters of `A` (the Walsh functions) turn it into `2^k` blocks, each `2^k` times smaller on
either side. A product with it takes `2^k` times fewer multiplications, and a `2^k`-th of its
entries determines it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.permutation import Permutation

IntArray = NDArray[np.int64]

MAX_BLOCKS = 16
"""With more blocks than this, each is too small for a fast matrix product."""
_MAX_PRODUCTS = 100
_MAX_ORDER = 1000


def free_arrangement(
    generators: Sequence[Sequence[Permutation]], sizes: Sequence[int]
) -> list[IntArray] | None:
    """Find commuting involutions in a group and arrange each domain's indices by their orbits.

    Only powers of the generators and of products of two of them are tried, so the group may contain
    a larger subgroup than the one found.

    Args:
        generators: for each generator its action on each domain.
        sizes: number of indices of each domain.

    Returns:
        For each domain an array of shape `(2^k, size / 2^k)`: row `a` holds the images of the
        representatives in row 0 under element `a`, and the element `a b` has number `a ^ b`. None
        if no involution without fixed indices on all domains is found, or if actions have signs.
    """
    if any(action.is_signed for row in generators for action in row):
        return None
    starts = np.cumsum([0, *sizes])
    # Each generator as one permutation of the disjoint union of the domains.
    images = [
        np.concatenate([p.image + start for p, start in zip(row, starts, strict=False)])
        for row in generators
    ]
    group = _free_group(_free_involutions(images), int(starts[-1]))
    if len(group) == 1:
        return None
    stacked = np.stack(group)
    bounds = zip(starts, starts[1:], strict=False)
    return [_by_orbit(stacked[:, first:last] - first) for first, last in bounds]


def _free_involutions(generators: Sequence[IntArray]) -> Iterator[IntArray]:
    """Involutions without fixed indices: powers of generators, then of products of two."""
    involutions = [power for power in map(_free_involution, generators) if power is not None]
    yield from involutions
    for number, (g, h) in enumerate(combinations([*generators, *involutions], 2)):
        if number == _MAX_PRODUCTS:
            return
        involution = _free_involution(g[h])
        if involution is not None:
            yield involution


def _free_involution(image: IntArray) -> IntArray | None:
    """The power of a permutation that is an involution; None if there is none or it fixes any."""
    permutation = Permutation(image)
    order = permutation.order()
    if order % 2 or order > _MAX_ORDER:
        return None
    half = (permutation ** (order // 2)).image
    return None if (half == np.arange(len(image))).any() else half


def _free_group(involutions: Iterator[IntArray], size: int) -> list[IntArray]:
    """Elements of the group of commuting involutions, extended while it acts freely."""
    identity = np.arange(size)
    group = [identity]
    for g in involutions:
        if len(group) == MAX_BLOCKS:
            break
        if any(np.array_equal(g, h) or not np.array_equal(g[h], h[g]) for h in group):
            continue
        products = [g[h] for h in group]
        if not any((product == identity).any() for product in products):
            group += products
    return group


def _by_orbit(images: IntArray) -> IntArray:
    """The columns of `images`, shape `(elements, n)`, that start with their orbit's least index."""
    representatives = np.flatnonzero(images.min(axis=0) == images[0])
    return np.ascontiguousarray(images[:, representatives])
