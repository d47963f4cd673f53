"""The group of permutations of columns that preserves a pattern of association.

Columns of which all permutations preserve it are found by agglomeration. Other permutations are
found by a beam search: for a base column and another one, a permutation that maps the first to the
second. Generators are kept while the group is likelier with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from autoequivariant.proposing.association.beam import Beam, column_ties, pair_ties
from autoequivariant.proposing.association.certainty import LEAST_SCORE, exchanges
from autoequivariant.proposing.association.likelihood import (
    REFUTING_LEVEL,
    Image,
    Likelihood,
    moved_by,
    orbits,
)

MOST_COLUMNS = 64
"""Columns among which permutations are searched for; of more, only interchangeable ones are."""
_MOST_EXCHANGES = 20
_MOST_IMPROVED, _SHORTEST_RING, _MOST_ROUNDS = 40, 5, 4  # of a ring
_MOST_BASES, _MOST_IMAGES = 6, 12
_MOST_WORK = 60_000_000  # ties that are compared; a few seconds
_STRICT_LEVEL = 0.05  # at which an association refutes what gains nothing
_ROUNDING = 1e-6
_WIDTHS = ((24, 2000), (40, 600), (MOST_COLUMNS, 100))  # of beams, for so many columns


@dataclass(frozen=True, eq=False)
class Found:
    """A group that preserves a pattern.

    Attributes:
        generators: images of the columns.
        twins: disjoint sets of columns of which it has all permutations, each beyond the two that
            one generator exchanges.
        score: by `Likelihood.score`.
    """

    generators: tuple[Image, ...] = ()
    twins: tuple[tuple[int, ...], ...] = ()
    score: float = 0.0


@dataclass(eq=False)
class Search:
    """The search for a group; `group` is what it found so far."""

    likelihood: Likelihood
    group: Found = field(default_factory=Found)
    work: int = 0

    def consider(
        self, generators: Sequence[Image], twins: Sequence[int] = (), least: float = LEAST_SCORE
    ) -> bool:
        """Add generators if the group is likelier with them, by at least so much."""
        old = self.group
        if not self._is_new(generators):
            return False
        sets = (*old.twins, *([tuple(twins)] if twins else ()))
        more = (*old.generators, *generators)
        score = self.likelihood.score(more, sets)
        if score < old.score + least - _ROUNDING:
            return False
        # What makes the group hardly likelier is only as credible as it is hard to refute.
        level = REFUTING_LEVEL if score > old.score + LEAST_SCORE else _STRICT_LEVEL
        if self.likelihood.is_refuted(old.generators, more, level):
            return False
        self.group = Found(more, sets, score)
        return True

    def _is_new(self, generators: Sequence[Image]) -> bool:
        """Whether they join orbits of pairs."""
        _, pairs = orbits(self.group.generators, self.likelihood.size)
        return any((pairs[np.ix_(one, one)] != pairs).any() for one in generators)


def preserving_group(likelihood: Likelihood) -> Found:
    """Return a group that preserves the pattern; without generators if none is likely."""
    if not likelihood.kinds:
        return Found()
    nodes = interchangeable(likelihood)
    with_twins, without = Search(likelihood), Search(likelihood)
    for columns in nodes:
        with_twins.consider(symmetric_generators(columns, likelihood.size), columns)
    if likelihood.size <= MOST_COLUMNS:
        _search(with_twins)
        if with_twins.group.twins:
            _search(without)
    best = max(with_twins, without, key=lambda one: one.group.score)
    _improve(best)
    _improve_ring(best)
    return best.group


def _improve(search: Search) -> None:
    """Let columns take each other's parts while that is likelier."""
    likelihood, group = search.likelihood, search.group
    images = list(group.generators)
    for _ in range(_MOST_EXCHANGES):
        pairs = exchanges(likelihood, images)
        if not images or not pairs:
            break
        gains = [sum(one) for one in likelihood.exchanged(images, pairs)]
        best = int(np.argmax(gains))
        if gains[best] <= likelihood.gain(images) + _ROUNDING:
            break
        places = np.arange(likelihood.size)
        places[list(pairs[best])] = pairs[best][::-1]
        images = [places[one[places]] for one in images]
        if any(not likelihood.exchangeable[np.arange(len(one)), one].all() for one in images):
            return
        group = Found(tuple(images), (), likelihood.score(images))
        search.group = group


def _improve_ring(search: Search) -> None:
    """Move one column after another to another place of a ring, or into it, while that is
    likelier.
    """
    likelihood, images = search.likelihood, search.group.generators
    if len(images) != 1 or likelihood.size > _MOST_IMPROVED:
        return
    start = int(np.argmax(images[0] != np.arange(likelihood.size)))
    ring = cycle_through(images[0], start)
    if len(ring) < _SHORTEST_RING or moved_by(images, likelihood.size).sum() != len(ring):
        return
    for _ in range(_MOST_ROUNDS):
        columns = np.flatnonzero(likelihood.exchangeable[ring].all(axis=0)).tolist()
        options = []
        for column in columns:
            rest = [one for one in ring if one != column]
            options += [[*rest[:place], column, *rest[place:]] for place in range(len(rest))]
        scores = [likelihood.score([cycle(one, likelihood.size)]) for one in options]
        best = int(np.argmax(scores))
        if scores[best] <= search.group.score + _ROUNDING:
            return
        ring = options[best]
        search.group = Found((cycle(ring, likelihood.size),), (), scores[best])


def cycle_through(image: Image, start: int) -> list[int]:
    """Return the columns that a permutation moves to each other, from this one on."""
    found = [start]
    while (at := int(image[found[-1]])) != start:
        found.append(at)
    return found


def symmetric_generators(columns: Sequence[int], size: int) -> list[Image]:
    """Return the exchange of the first two columns and, of three or more, the ring of all."""
    return [
        cycle(part, size) for part in (columns[:2], columns) if len(part) > 2 or part is not columns
    ]


def cycle(columns: Sequence[int], size: int) -> Image:
    """Return the permutation that moves each column to the next, the last to the first."""
    image = np.arange(size)
    image[list(columns)] = np.roll(list(columns), -1)
    return image


def interchangeable(likelihood: Likelihood) -> list[list[int]]:
    """Return disjoint sets of columns, each likely to be interchangeable, the likeliest first."""
    d = likelihood.size
    if d < 2:
        return []
    ties = column_ties(likelihood).astype(np.float64) + pair_ties(likelihood)
    distances = ties.max() - np.minimum(ties, ties.T)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    members: list[list[int]] = [[column] for column in range(d)]
    best: list[tuple[float, list[list[int]]]] = [(0.0, []) for _ in range(d)]
    for left, right, _, _ in tree:
        first, second = int(left), int(right)
        columns = sorted(members[first] + members[second])
        members.append(columns)
        options = [[columns], best[first][1] + best[second][1]]
        if not likelihood.exchangeable[np.ix_(columns, columns)].all():
            options = options[1:]
        scored = [(_score_of_sets(likelihood, sets), sets) for sets in options]
        best.append(max([*scored, best[first], best[second]], key=lambda one: one[0]))
    return sorted(best[-1][1], key=lambda columns: (-len(columns), columns))


def _score_of_sets(likelihood: Likelihood, sets: Sequence[Sequence[int]]) -> float:
    generators = [one for columns in sets for one in symmetric_generators(columns, likelihood.size)]
    return likelihood.score(generators, sets)


def _search(search: Search) -> None:
    """Search from the columns of the strongest associations."""
    likelihood = search.likelihood
    strength = np.zeros(likelihood.size)
    for kind in likelihood.kinds:
        squares = np.square(kind.means())
        strength += (squares + squares.T).sum(axis=0) if kind.is_of_pairs else squares
    bases = [int(c) for c in np.argsort(-strength, kind="stable") if strength[c] > 0]
    failed = 0
    for base in bases:
        if moved_by(search.group.generators, likelihood.size)[base] and failed:
            continue
        if failed >= _MOST_BASES:
            break
        before = len(search.group.generators)
        _from_base(search, [base])
        if len(search.group.generators) > before:
            order = Beam(likelihood, [base], 1).order
            _from_base(search, [base, order[1]])
        else:
            failed += 1


def _from_base(search: Search, first: Sequence[int]) -> None:
    """Search for permutations that fix all columns of `first` but the last, which they move."""
    likelihood, d = search.likelihood, search.likelihood.size
    base = first[-1]
    ties = column_ties(likelihood)[base].astype(np.float64) + profile_ties(likelihood, base)
    images = [int(c) for c in np.argsort(-ties, kind="stable") if likelihood.exchangeable[base, c]]
    images = [c for c in images if c not in first][:_MOST_IMAGES]
    width = next(width for most, width in _WIDTHS if d <= most)
    beam = Beam(likelihood, first, width)
    search.work += beam.work
    if search.work > _MOST_WORK:
        return
    for image in images:
        if len(first) == 1 and _is_reached(search.group, d, base, image):
            continue
        found = beam.search([*first[:-1], image])
        scores = [likelihood.score([one]) for one in found]
        for number in np.argsort([-score for score in scores], kind="stable"):
            one = found[number]
            if scores[number] > max(search.group.score, LEAST_SCORE) and not search.group.twins:
                alone = Search(likelihood)
                if alone.consider([one]):
                    for other in search.group.generators:
                        alone.consider([other], least=0.0)
                    if alone.group.score > search.group.score:
                        search.group = alone.group
                        break
            if search.consider([one], least=0.0 if search.group.generators else LEAST_SCORE):
                break


def _is_reached(group: Found, size: int, base: int, image: int) -> bool:
    columns, _ = orbits(group.generators, size)
    return bool(columns[base] == columns[image])


def profile_ties(likelihood: Likelihood, base: int) -> np.ndarray:
    """Return how alike the associations of each column and of the base are, sorted by size."""
    found = np.zeros(likelihood.size)
    for kind in likelihood.kinds:
        if kind.is_of_pairs:
            for means in (kind.means(), kind.means().T):
                rows = np.sort(means, axis=1)
                found -= 0.5 * np.square(rows - rows[base]).sum(axis=1)
    return found
