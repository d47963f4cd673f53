"""A beam search for permutations of columns that nearly preserve a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autoequivariant.proposing.association.likelihood import Image, Kind, Likelihood
from autoequivariant.proposing.association.prior import Array

_ENDS = 4  # permutations that a search returns
_FORBIDDEN = -1e9


class Beam:
    """Extends partial permutations column by column, keeping the likeliest.

    The likelihood of a permutation is approximated by that of ties between each column and its
    image, and between each pair of columns and its image.

    Args:
        likelihood: of the pattern.
        first: columns whose images are given; the others follow so that each has strong
            associations with those before it.
        width: number of partial permutations that are kept.
    """

    def __init__(self, likelihood: Likelihood, first: Sequence[int], width: int) -> None:
        self._kinds = [kind for kind in likelihood.kinds if kind.is_of_pairs]
        self._size, self._width = likelihood.size, width
        self._columns = column_ties(likelihood)
        self.order = order_of(self._kinds, self._size, first)

    @property
    def work(self) -> int:
        """Number of ties that a search compares."""
        images = (self._columns > _FORBIDDEN / 2).sum(axis=1)[self.order]
        kinds = sum(1 if kind.is_symmetric else 2 for kind in self._kinds)
        return int((images * np.arange(self._size)).sum()) * self._size * kinds

    @cached_property
    def _ties(self) -> list[NDArray[np.float32]]:
        """For each column of the order, gains of its ties with each column before: an array of
        shape `(before, images of it, images of the column before)`.
        """
        found = []
        for step, column in enumerate(self.order):
            before = np.array(self.order[:step], np.int64)
            ties = np.zeros((step, self._size, self._size), np.float32)
            images = np.flatnonzero(self._columns[column] > _FORBIDDEN / 2)
            for kind in self._kinds:
                values = kind.values[images]
                ties[:, images] += _tie(kind, kind.values[column, before][:, None, None], values)
                if not kind.is_symmetric:
                    values = kind.values.T[images]
                    first = kind.values[before, column][:, None, None]
                    ties[:, images] += _tie(kind, first, values)
            rows = np.arange(step)
            ties[rows, column, before] = 0.0  # a pair that stays is no tie
            ties[rows, before, column] /= 2
            found.append(ties)
        return found

    def search(self, images: Sequence[int]) -> list[Image]:
        """Return permutations that map the first columns to these images, the likeliest first."""
        d = self._size
        states, gains = np.zeros((1, 0), np.int64), np.zeros(1, np.float32)
        for step, column in enumerate(self.order):
            total = gains[:, np.newaxis] + self._columns[column]
            for before, ties in enumerate(self._ties[step]):
                total = total + ties[:, states[:, before]].T
            np.put_along_axis(total, states, -np.inf, axis=1)
            if step < len(images):
                total[:, np.arange(d) != images[step]] = -np.inf
            flat = total.reshape(-1)
            count = min(self._width, int((flat > _FORBIDDEN / 2).sum()))
            if not count:
                return []
            chosen = np.argpartition(-flat, count - 1)[:count]
            parents, last = np.divmod(chosen, d)
            gains = flat[chosen]
            states = np.concatenate([states[parents], last[:, np.newaxis]], axis=1)
        found = []
        for state in states[np.argsort(-gains, kind="stable")[:_ENDS]]:
            image = np.empty(d, np.int64)
            image[self.order] = state
            found.append(image)
        return found


def column_ties(likelihood: Likelihood) -> NDArray[np.float32]:
    """Return the gain of a tie between each two columns, very low if they are not alike."""
    found = np.zeros((likelihood.size, likelihood.size))
    for kind in likelihood.kinds:
        if not kind.is_of_pairs:
            found += _tie(kind, kind.values[:, np.newaxis], kind.values)
    found[np.diag_indices(likelihood.size)] = 0.0
    return np.where(likelihood.exchangeable, found, _FORBIDDEN).astype(np.float32)


def pair_ties(likelihood: Likelihood) -> Array:
    """Return the gain of ties between the associations of each two columns with all others."""
    d = likelihood.size
    found = np.zeros((d, d))
    for kind in likelihood.kinds:
        if not kind.is_of_pairs:
            continue
        for values in (kind.values,) if kind.is_symmetric else (kind.values, kind.values.T):
            for one in range(d):
                ties = _tie(kind, values[one], values)
                ties[:, one] = 0.0
                ties[np.diag_indices(d)] = 0.0
                found[one] += ties.sum(axis=1)
    return found


def order_of(kinds: Sequence[Kind], size: int, first: Sequence[int]) -> list[int]:
    """Return columns so that each has strong associations with those before it."""
    strength = np.zeros((size, size))
    for kind in kinds:
        squares = np.square(kind.means())
        strength += squares if kind.is_symmetric else squares + squares.T
    found = list(first)
    reach = strength[:, found].sum(axis=1) + 1e-9 * strength.sum(axis=1)
    left = np.ones(size, bool)
    left[found] = False
    while left.any():
        best = int(np.argmax(np.where(left, reach, -np.inf)))
        found.append(best)
        left[best] = False
        reach += strength[:, best]
    return found


def _tie(kind: Kind, first: Array, second: Array) -> Array:
    """Return the gain in log likelihood if two numbers have the same true value."""
    one, two = np.ones(()), np.full((), 2.0)
    of = kind.prior.log_likelihood
    apart = of(one, first, first**2) + of(one, second, second**2)
    return of(two, first + second, first**2 + second**2) - apart
