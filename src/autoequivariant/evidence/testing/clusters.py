"""Clusters: samples that belong together, such as those of a patient, or copies of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each sample.

    Attributes:
        number: of the cluster of each sample, shape `(n,)`, from 0 in the order of their first
            samples.
    """

    number: NDArray[np.int64]

    @classmethod
    def of(cls, number: NDArray[np.int64] | None, n: int) -> Self:
        """Return clusters by any numbers; without any, each sample is its own."""
        if number is None:
            return cls(np.arange(n))
        _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
        return cls(np.argsort(np.argsort(first))[inverse].astype(np.int64))

    def __len__(self) -> int:
        """Return the number of clusters."""
        return int(self.number[-1]) + 1 if self._is_plain else int(self.number.max(initial=-1)) + 1

    @property
    def _is_plain(self) -> bool:
        n = len(self.number)
        return n > 0 and bool((self.number == np.arange(n)).all())

    def sums(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return sums over clusters, shape `(clusters, ...)`, of values of shape `(n, ...)`."""
        if self._is_plain:
            return values
        order = np.argsort(self.number, kind="stable")
        starts = np.flatnonzero(np.diff(self.number[order], prepend=-1))
        return np.add.reduceat(values[order], starts, axis=0) if len(order) else values

    def part(self, rows: NDArray[np.int64]) -> tuple[Self, NDArray[np.int64]]:
        """Return the clusters of some samples, and their former numbers."""
        part = self.of(self.number[rows], len(rows))
        units = np.zeros(len(part), np.int64)
        units[part.number] = self.number[rows]
        return part, units

    def halves(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the samples of two parts of about equal size, with no cluster in both."""
        sizes = np.bincount(self.number)
        is_first = (np.cumsum(sizes) - sizes / 2)[self.number] <= len(self.number) / 2
        return np.flatnonzero(is_first), np.flatnonzero(~is_first)
