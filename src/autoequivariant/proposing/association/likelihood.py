"""How much likelier a pattern is if a group of permutations preserves it.

Each number of a pattern is a true value plus noise of variance 1. A true value is 0 with one
probability and otherwise drawn from `N(0, t)`; both constants are fitted to each kind of
association. Under a group the true value is one and the same on each orbit of columns or of pairs
of columns. So a group gains where associations repeat themselves, loses where they differ, and
neither where there is nothing but noise.

Without labels and for Gaussian samples, choosing a permutation group by its marginal likelihood is
the idea of gips (Graczyk, Ishi, Kołodziejek and Massam, Annals of Statistics 50, 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln
from scipy.stats import chi2

from autoequivariant.proposing.association.pattern import Association, Pattern
from autoequivariant.proposing.association.prior import Array, Prior, fitted_prior

Image = NDArray[np.int64]
"""`image[i]` is where column `i` moves."""

REFUTING_LEVEL = 0.003
"""At which an association refutes a group."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of association that is told from noise.

    Attributes:
        association: the numbers.
        prior: of the true values.
    """

    association: Association
    prior: Prior

    @property
    def values(self) -> Array:
        """Its numbers, of columns or of pairs."""
        return self.association.values

    @property
    def is_symmetric(self) -> bool:
        """Whether pairs are unordered."""
        return self.association.is_symmetric

    @property
    def is_of_pairs(self) -> bool:
        """Whether it is of pairs."""
        return self.values.ndim == 2

    def means(self) -> Array:
        """Return expected true values."""
        found = self.prior.means(self.values)
        if self.is_of_pairs:
            found = found * (1 - np.eye(len(found)))
        return found


class Likelihood:
    """Compares groups by the likelihood of a pattern.

    Args:
        pattern: of `d` columns.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.exchangeable = pattern.exchangeable
        self.size = d = len(pattern.exchangeable)
        self.classes = connected_components(coo_array(pattern.exchangeable), directed=False)[1]
        upper, off = np.triu_indices(d, 1), np.nonzero(~np.eye(d, dtype=bool))
        self._upper, self._off = upper, off
        self._all = pattern.associations
        self.kinds: list[Kind] = []
        for one in self._all:
            prior = fitted_prior(one.values[self._places(one)]) if one.is_evidence else None
            if prior is not None:
                self.kinds.append(Kind(one, prior))
        self._untied = [self._alone(kind) for kind in self.kinds]

    def gain(self, generators: Sequence[Image]) -> float:
        """Return the log likelihood of the group that these generate, less that of no symmetry."""
        return sum(self.gains(generators))

    def gains(self, generators: Sequence[Image]) -> tuple[float, float]:
        """Return the parts of the gain from the columns alone and from the target."""
        found, parts = orbits(generators, self.size), [0.0, 0.0]
        for kind, alone in zip(self.kinds, self._untied, strict=True):
            labels = self._labels(kind.association, found)
            of_labels = kind.association.of_labels
            parts[of_labels] += self._tied(kind, kind.values, labels) - alone
        return parts[0], parts[1]

    def exchanged(
        self, generators: Sequence[Image], pairs: Sequence[tuple[int, int]]
    ) -> list[tuple[float, float]]:
        """Return `gains` of the groups in which two columns take each other's parts."""
        found = orbits(generators, self.size)
        labels = [self._labels(kind.association, found) for kind in self.kinds]
        gains = []
        for one, other in pairs:
            places = np.arange(self.size)
            places[[one, other]] = other, one
            parts = [0.0, 0.0]
            for kind, own, alone in zip(self.kinds, labels, self._untied, strict=True):
                values = (
                    kind.values[np.ix_(places, places)]
                    if kind.is_of_pairs
                    else (kind.values[places])
                )
                parts[kind.association.of_labels] += self._tied(kind, values, own) - alone
            gains.append((parts[0], parts[1]))
        return gains

    def score(self, generators: Sequence[Image], twins: Sequence[Sequence[int]] = ()) -> float:
        """Return the gain, less the logarithm of the number of such groups.

        Args:
            generators: of the group.
            twins: disjoint sets of columns of which the group has all permutations.
        """
        return self.gain(generators) - self.cost(generators, twins)

    def cost(self, generators: Sequence[Image], twins: Sequence[Sequence[int]] = ()) -> float:
        """Return the logarithm of the number of groups like this one, or a little more."""
        moved = moved_by(generators, self.size)
        cost = -sum(float(gammaln(len(one) + 1)) for one in twins)
        for number in range(int(self.classes.max()) + 1):
            members = self.classes == number
            size, count = int(members.sum()), int((moved & members).sum())
            cost += float(gammaln(size + 1) - gammaln(size - count + 1))
        return cost

    def is_refuted(
        self, before: Sequence[Image], after: Sequence[Image], level: float = REFUTING_LEVEL
    ) -> bool:
        """Return whether any association, also of the kinds that are like noise, differs more than
        noise between orbits of the group before that are one after.
        """
        old, new = orbits(before, self.size), orbits(after, self.size)
        p_values = []
        for one in self._all:
            values = one.values[self._places(one)]
            p_values += _merged(values, self._labels(one, old), self._labels(one, new))
        return bool(p_values) and min(p_values) * len(p_values) < level

    def _places(self, one: Association) -> Any:
        if one.values.ndim == 1:
            return np.arange(self.size)
        return self._upper if one.is_symmetric else self._off

    def _labels(self, one: Association, found: tuple[Image, Image]) -> Image:
        columns, pairs = found
        if one.values.ndim == 1:
            return columns
        labels = symmetric_labels(pairs) if one.is_symmetric else pairs
        return np.asarray(labels[self._places(one)])

    def _tied(self, kind: Kind, values: Array, labels: Image) -> float:
        own = values[self._places(kind.association)]
        count = np.bincount(labels).astype(np.float64)
        used = count > 0
        total = np.asarray(np.bincount(labels, own)[used], np.float64)
        squares = np.asarray(np.bincount(labels, own**2)[used], np.float64)
        return float(kind.prior.log_likelihood(count[used], total, squares).sum())

    def _alone(self, kind: Kind) -> float:
        own = kind.values[self._places(kind.association)]
        return float(kind.prior.log_likelihood(np.ones(len(own)), own, own**2).sum())


def _merged(values: Array, old: Image, new: Image) -> list[float]:
    """Return p-values of the differences between orbits that are merged: of all, and of the
    largest.
    """
    count, parent = np.bincount(old), np.zeros(int(old.max()) + 1, np.int64)
    parent[old] = new
    used = np.flatnonzero(count)
    size, mean = count[used], (np.bincount(old, values)[used] / count[used])
    parents = parent[used]
    whole = np.bincount(parents, size)
    centre = np.bincount(parents, size * mean) / np.maximum(whole, 1)
    share = 1 - size / whole[parents]
    squares = size * np.square(mean - centre[parents])
    freedom = len(used) - len(np.unique(parents))
    if not freedom:
        return []
    largest = float((squares / np.maximum(share, 1e-9))[share > 0].max())
    return [
        float(chi2.sf(squares.sum(), freedom)),
        min(1.0, float(chi2.sf(largest, 1)) * freedom),
    ]


def orbits(generators: Sequence[Image], size: int) -> tuple[Image, Image]:
    """Return the orbit of each column, shape `(d,)`, and of each ordered pair, shape `(d, d)`."""
    columns = np.arange(size)
    pairs = np.arange(size * size)
    column_links = [(columns, image) for image in generators]
    pair_links = [
        (pairs, (image[:, np.newaxis] * size + image).reshape(-1)) for image in generators
    ]
    return _components(column_links, size), _components(pair_links, size * size).reshape(size, size)


def symmetric_labels(pairs: Image) -> Image:
    """Return the orbit of each unordered pair, shape `(d, d)`."""
    flat, other = pairs.reshape(-1), pairs.T.reshape(-1)
    joined = _components([(flat, other)], int(pairs.max()) + 1)
    return joined[pairs]


def moved_by(generators: Sequence[Image], size: int) -> NDArray[np.bool_]:
    """Return which columns any generator moves."""
    moved = np.zeros(size, bool)
    for image in generators:
        moved |= image != np.arange(size)
    return moved


def _components(links: Sequence[tuple[Image, Image]], size: int) -> Image:
    if not links:
        return np.arange(size)
    first = np.concatenate([a for a, _ in links])
    second = np.concatenate([b for _, b in links])
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
