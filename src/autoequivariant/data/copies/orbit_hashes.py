"""Which samples lie in one orbit of a group, by hashes of 64 bits.

A hash that the group does not change (a sum over each orbit of points) excludes most samples in
time linear in the data. Those that share it with another are distinguished by the least hash over
the group, a canonical form of the orbit. `n` samples have a false match with a chance of about
`n**2 / 2**64`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.data.copies.elements import Images, elements_of, is_full, orbits_of

MOST_ELEMENTS = 2048
"""Largest group that is listed; of a larger one, the powers of each generator are."""
MOST_ENTRIES = 2**22
"""Largest number of entries in the list of a group."""
MOST_WORK = 2**32
"""Most products in a comparison of the samples that share a hash: some seconds."""
MOST_KEPT = 2**24
"""Most hashes that are kept from one group to the next."""
_CHUNK = 2**21  # values that are hashed at once

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Matches:
    """Samples by orbit.

    Attributes:
        clusters: number of the orbit of each sample; shape `(n,)`.
        outputs: where an element that makes the sample canonical moves each output, shape
            `(n, outputs)`; None if that is not known.
    """

    clusters: NDArray[np.int64]
    outputs: NDArray[np.int64] | None


class OrbitHashes:
    """Samples whose orbits are compared.

    The points are the values of a sample and, where a group changes signs, after them their
    negatives. An element is the image array of the points and, after them, of the outputs.

    Args:
        x: values, shape `(n, values)`, uint8 or float32.
        is_signed: whether any group changes signs.
    """

    def __init__(self, x: NDArray[np.generic], is_signed: bool) -> None:
        self._x = x
        self._is_signed = is_signed
        self._points = x.shape[1] * (2 if is_signed else 1)
        self._rng = np.random.default_rng(0)
        is_small = len(x) * self._points <= MOST_KEPT
        self._kept = self._hashed_points(x) if is_small else None
        self._weights = self._random(self._points)
        self._weights[x.shape[1] :] = 0  # a negative has its value's place

    def match(self, generators: Sequence[Images]) -> Matches:
        """Return which samples are one another moved by the generated group.

        Of a group that is neither full (`elements.is_full`) nor small enough to be listed, copies
        are chains of samples, each of them the one before moved by powers of one generator.

        Args:
            generators: image arrays, at least one; the identity for plain duplicates.
        """
        points = self._points
        moves = [image[:points] for image in generators]
        orbits = orbits_of(moves, points)
        invariant = self._hashes(self._random(int(orbits.max()) + 1)[orbits][:, np.newaxis])[:, 0]
        _, inverse, counts = np.unique(invariant, return_inverse=True, return_counts=True)
        rows = np.flatnonzero(counts[inverse] > 1)
        outputs = np.arange(len(generators[0]) - points)
        fixes_outputs = all((image[points:] - points == outputs).all() for image in generators)
        unmoved = np.tile(outputs, (len(self._x), 1)) if fixes_outputs else None
        if not len(rows) or (fixes_outputs and is_full(moves)):
            return Matches(np.asarray(inverse, np.int64), unmoved)
        elements = self._listed(generators, len(rows))
        if elements is None:
            lists = [self._listed([image], len(rows)) for image in generators]
            keys = [self._least(each, rows)[0] for each in lists if each is not None]
            return Matches(self._joined(rows, keys), unmoved)
        least, chosen = self._least(elements, rows)
        moved = np.tile(outputs, (len(self._x), 1))
        moved[rows] = elements[chosen, points:] - points
        return Matches(self._joined(rows, [least]), moved)

    def _listed(self, generators: Sequence[Images], n_rows: int) -> Images | None:
        size = len(generators[0])
        most = min(MOST_ELEMENTS, MOST_ENTRIES // size, MOST_WORK // (size * n_rows))
        return elements_of(generators, most)

    def _least(self, elements: Images, rows: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
        """Return the least hash over the elements, and the number of the element that has it."""
        weights = np.ascontiguousarray(self._weights[elements[:, : self._points]].T)
        hashes = self._hashes(weights, rows)
        chosen = hashes.argmin(axis=1)
        return np.take_along_axis(hashes, chosen[:, np.newaxis], axis=1)[:, 0], chosen

    def _joined(self, rows: NDArray[np.int64], keys: Sequence[Hashes]) -> NDArray[np.int64]:
        """Return clusters in which rows that share one of the keys are together."""
        n = len(self._x)
        sources, targets, first = [], [], n
        for key in keys:
            distinct, inverse = np.unique(key, return_inverse=True)
            sources.append(rows)
            targets.append(first + inverse)
            first += len(distinct)
        ends = np.concatenate([rows[:0], *sources]), np.concatenate([rows[:0], *targets])
        graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(first, first))
        return np.asarray(connected_components(graph, directed=False)[1][:n], np.int64)

    def _hashes(self, weights: Hashes, rows: NDArray[np.int64] | None = None) -> Hashes:
        """Return the weighted sums of the hashed points, shape `(rows, columns of weights)`."""
        at_once = max(1, _CHUNK // (self._points + weights.shape[1]))
        chosen = np.arange(len(self._x)) if rows is None else rows
        chunks = (chosen[k : k + at_once] for k in range(0, len(chosen), at_once))
        return np.concatenate([self._hashed_rows(chunk) @ weights for chunk in chunks])

    def _hashed_rows(self, rows: NDArray[np.int64]) -> Hashes:
        return self._hashed_points(self._x[rows]) if self._kept is None else self._kept[rows]

    def _hashed_points(self, x: NDArray[np.generic]) -> Hashes:
        if not self._is_signed:
            return _mixed(x)
        values = x.astype(np.float32)
        return np.concatenate([_mixed(values), _mixed(-values)], axis=1)

    def _random(self, count: int) -> Hashes:
        return self._rng.integers(2**64, size=count, dtype=np.uint64, endpoint=False)


def _mixed(x: NDArray[np.generic]) -> Hashes:
    """Return a hash of each value (the mixer of splitmix64; Steele, Lea and Flood, 2014)."""
    if x.dtype == np.uint8:
        table: Hashes = _mixed_bits(np.arange(256, dtype=np.uint64))[x]
        return table
    bits = (x.astype(np.float32) + np.float32(0)).view(np.uint32)  # -0 + 0 is 0
    return _mixed_bits(bits.astype(np.uint64))


def _mixed_bits(bits: Hashes) -> Hashes:
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits
