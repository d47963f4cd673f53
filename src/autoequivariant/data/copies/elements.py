"""Groups of symmetries as arrays of moved points, and when they are all permutations of orbits.

A point is a value of a sample, or the negative of a value where a symmetry changes signs
(`Permutation.double_cover`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Images = NDArray[np.int64]


def elements_of(generators: Sequence[Images], most: int) -> Images | None:
    """Return the group that permutations generate; None if it has more than `most` elements.

    Args:
        generators: image arrays, shape `(points,)`, at least one.
        most: largest order.

    Returns:
        Image arrays, shape `(order, points)`, the identity first.
    """
    size = len(generators[0])
    factors = np.random.default_rng(0).integers(2**63, size=(2, size), dtype=np.uint64)
    found = frontier = np.arange(size)[np.newaxis]
    known = _keys(found, factors)
    while len(frontier):
        products = np.concatenate([generator[frontier] for generator in generators])
        keys, first = np.unique(_keys(products, factors), return_index=True)
        is_new = ~np.isin(keys, known)
        frontier = products[np.sort(first[is_new])]
        known = np.concatenate([known, keys[is_new]])
        found = np.concatenate([found, frontier])
        if len(found) > most:
            return None
    return found


def orbits_of(generators: Sequence[Images], size: int) -> NDArray[np.int64]:
    """Return the number of the orbit of each point, shape `(size,)`."""
    sources = np.tile(np.arange(size), len(generators))
    targets = np.concatenate([np.arange(0), *generators])
    return _components(sources, targets, size)


def is_full(generators: Sequence[Images]) -> bool:
    """Whether the group has every permutation that keeps each orbit.

    It does if the transpositions among the generators and their conjugates connect each orbit.
    """
    size = len(generators[0])
    pairs = [np.flatnonzero(generator != np.arange(size)) for generator in generators]
    codes = np.array([a * size + b for a, b in (p for p in pairs if len(p) == 2)], np.int64)
    found = frontier = np.unique(codes)
    while len(frontier):
        ends = np.divmod(frontier, size)
        moved = [np.sort([generator[end] for end in ends], axis=0) for generator in generators]
        frontier = np.setdiff1d([a * size + b for a, b in moved], found)
        found = np.union1d(found, frontier)
    connected = _components(*np.divmod(found, size), size)
    return int(connected.max()) == int(orbits_of(generators, size).max())


def _components(
    sources: NDArray[np.int64], targets: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    graph = coo_array((np.ones(len(sources), np.int8), (sources, targets)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _keys(images: Images, factors: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a hash of each permutation; two of them collide with a chance of about 2**-60."""
    return np.asarray((factors[0] * factors[1][images]).sum(axis=1, dtype=np.uint64))
