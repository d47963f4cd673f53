"""Moved samples that are in the data themselves: then their labels are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from autoequivariant.evidence.testing.moves import Labelled

MOST_VALUES = 50_000_000
"""Values of samples that are looked up, at most."""
ALMOST_ALL = 0.95
"""Share of the moved samples that must be in the data for their labels to decide."""
_FEW_VALUES = 16  # distinct ones, in data of which samples may meet by chance, such as boards


@dataclass(frozen=True)
class CopyTest:
    """How many moved samples are in the data, and whether with the label that they should have.

    Attributes:
        n: number of moved samples.
        found: how many of them are in the data.
        disagreeing: how many of those have another label.
        pairs: number of different pairs of a sample and its moved copy, in either order.
        is_discrete: whether samples have so few distinct values that they may meet by chance.
    """

    n: int
    found: int
    disagreeing: int
    pairs: int
    is_discrete: bool

    @property
    def share(self) -> float:
        """Share of moved samples that are in the data."""
        return self.found / self.n if self.n else 0.0

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the exact interval of the share that disagrees, if none of the pairs does."""
        return 0.0, 1 - ((1 - level) / 2) ** (1 / max(1, self.pairs))


class MovedCopies:
    """Samples that can be looked up by their values.

    Args:
        samples: all of them.
        rng: draws the hash.
    """

    def __init__(self, samples: Labelled, rng: np.random.Generator) -> None:
        self._samples = samples
        shape = samples.x.shape[1]
        self._factors = rng.integers(0, 2**63, shape, np.uint64) * np.uint64(2) + np.uint64(1)
        self._own = self._hashes(samples.x)
        self._order = np.argsort(self._own, kind="stable")
        self._sorted = self._own[self._order]
        some = samples.x[:: max(1, len(samples) // 1000)]
        self._is_discrete = len(np.unique(some)) <= _FEW_VALUES

    @classmethod
    def of(cls, samples: Labelled, rng: np.random.Generator) -> Self | None:
        """Return None if fewer than almost all samples can have a moved copy among the others, or
        if equal samples have different labels: then a label says little about the next one.
        """
        if samples.x.size > MOST_VALUES:
            return None
        # Neither a permutation nor a change of sign changes the sum of the absolute values' bits.
        sums = (np.abs(samples.x).view(np.uint32)).sum(axis=1, dtype=np.uint64)
        _, inverse, counts = np.unique(sums, return_inverse=True, return_counts=True)
        if (counts[inverse] > 1).mean() < ALMOST_ALL:
            return None
        copies = cls(samples, rng)
        return None if copies.test(samples).disagreeing else copies

    def test(self, moved: Labelled, rows: NDArray[np.int64] | None = None) -> CopyTest:
        """Look up moved samples.

        Args:
            moved: moved samples, or the samples themselves.
            rows: numbers of the samples that were moved. Default: all, in order.
        """
        hashes = self._hashes(moved.x)
        low = np.searchsorted(self._sorted, hashes, "left")
        high = np.searchsorted(self._sorted, hashes, "right")
        found = agreeing = 0
        pairs = set()
        for row in np.flatnonzero(high > low):
            equal = self._order[low[row] : high[row]]
            equal = equal[(self._samples.x[equal] == moved.x[row]).all(axis=1)]
            if not len(equal):
                continue
            found += 1
            labels = self._samples.y[equal] == moved.y[row]
            agreeing += bool(labels.all())
            before = self._own[row if rows is None else rows[row]]
            pairs.add(frozenset((int(before), int(hashes[row]))))
        return CopyTest(len(moved), found, found - agreeing, len(pairs), self._is_discrete)

    def _hashes(self, x: NDArray[np.float32]) -> NDArray[np.uint64]:
        """Return sums of the values' bits times random odd numbers, modulo 2^64."""
        bits = (x + np.float32(0)).view(np.uint32)  # -0 is 0
        result = np.zeros(len(x), np.uint64)
        for start in range(0, len(x), 1000):
            part = bits[start : start + 1000].astype(np.uint64)
            result[start : start + 1000] = (part * self._factors).sum(axis=1)
        return result
