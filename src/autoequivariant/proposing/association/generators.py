"""Few simple generators of a group of permutations of columns: exchanges and rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from autoequivariant.groups.group_elements import group_elements
from autoequivariant.groups.permutation import Permutation
from autoequivariant.proposing.association.automorphisms import Found, Search, cycle, cycle_through
from autoequivariant.proposing.association.certainty import LEAST_SCORE, is_singled_out
from autoequivariant.proposing.association.likelihood import Image, Likelihood, moved_by, orbits

_MOST_ELEMENTS = 1000  # of a group that is neither symmetric nor of blocks
_SWEEPS = 2
_MOST_ROWS = 5  # of blocks that are joined
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Simple:
    """A generator with its name.

    Attributes:
        image: of the columns.
        name: such as `ring of 12 columns`.
        moved: number of columns that its part of the group moves.
        score: of that part, by `Likelihood.score`.
    """

    image: Image
    name: str
    moved: int
    score: float


def simple_generators(likelihood: Likelihood, found: Found) -> list[Simple]:
    """Return simple generators of each independent part of a group, the likeliest part first.

    A part that has no simple generators is left out.
    """
    tables, others = [], []
    for part in _parts(likelihood, found):
        table = _symmetric(likelihood, part)
        if table is None:
            others.append(_small(likelihood, part))
        else:
            tables.append(table)
    joined = _joined(likelihood, tables)
    named = [(_of_blocks(table, likelihood.size), _sets(table)) for table in joined]
    named += [(own, []) for own in others if own]
    parts: list[tuple[float, list[Simple]]] = []
    for own, sets in named:
        images = [image for image, _ in own]
        score = likelihood.score(images, sets)
        if score < LEAST_SCORE or likelihood.is_refuted([], images):
            continue
        if is_singled_out(likelihood, images, sets):
            count = int(moved_by(images, likelihood.size).sum())
            parts.append((score, [Simple(image, name, count, score) for image, name in own]))
    parts.sort(key=lambda one: -one[0])
    return [one for _, simple in parts for one in simple]


Named = list[tuple[Image, str]]


def _parts(likelihood: Likelihood, found: Found) -> list[list[Image]]:
    """Return generators restricted to columns that move independently of all others."""
    size = likelihood.size
    columns, pairs = orbits(found.generators, size)
    moved = moved_by(found.generators, size)
    numbers = [int(n) for n in np.unique(columns[moved])]
    members = {number: np.flatnonzero(columns == number) for number in numbers}
    joined = {number: number for number in numbers}
    for one in numbers:
        for other in numbers:
            if one < other and _bijections(pairs, members[one], members[other]):
                old, new = joined[other], joined[one]
                joined = {n: new if at == old else at for n, at in joined.items()}
    parts = []
    for first in dict.fromkeys(joined.values()):
        inside = np.isin(columns, [n for n, at in joined.items() if at == first])
        restricted = [np.where(inside, one, np.arange(size)) for one in found.generators]
        kept = {one.tobytes(): one for one in restricted if (one != np.arange(size)).any()}
        parts.append(list(kept.values()))
    together = [one for part in parts for one in part]
    if likelihood.gain(together) < likelihood.gain(found.generators) - LEAST_SCORE:
        return [list(found.generators)]
    return parts


def _bijections(pairs: Image, first: Image, second: Image) -> list[Image]:
    """Return maps from one orbit of columns to another that the group preserves, as arrays."""
    if len(first) != len(second):
        return []
    labels = pairs[np.ix_(first, second)]
    found = []
    for label in np.unique(labels[0]):
        is_paired = labels == label
        if (is_paired.sum(axis=0) == 1).all() and (is_paired.sum(axis=1) == 1).all():
            found.append(second[is_paired.argmax(axis=1)])
    return found


def _symmetric(likelihood: Likelihood, part: Sequence[Image]) -> Image | None:
    """Return blocks of columns, or single columns, of which all permutations are as likely as the
    group found; None if there are none.

    Returns:
        The columns, shape `(columns of a block, blocks)`; what is in one row takes the same part.
    """
    size = likelihood.size
    columns, pairs = orbits(part, size)
    moved = moved_by(part, size)
    members = [np.flatnonzero(columns == number) for number in np.unique(columns[moved])]
    maps = [_bijections(pairs, members[0], other) for other in members[1:]]
    if not all(maps):
        return None
    table = _matched(likelihood, members[0], maps)
    images = [image for image, _ in _of_blocks(table, size)]
    twins = _sets(table)
    more = [*part, *images]
    gained = likelihood.score(more, twins) - likelihood.score(part)
    # A group found by search fits by chance, too: what is much likelier need not fit as well.
    if gained < LEAST_SCORE and (gained < -_ROUNDING or likelihood.is_refuted(part, more)):
        return None
    return table if _generates(more, images, size) else None


def _matched(likelihood: Likelihood, first: Image, maps: Sequence[Sequence[Image]]) -> Image:
    """Return blocks: the first column of each, and for each other column one of the maps."""
    table = np.stack(
        [first, *(max(own, key=lambda one: _association(likelihood, first, one)) for own in maps)]
    )
    for _ in range(_SWEEPS):
        for row, own in enumerate(maps, start=1):
            options = []
            for one in own:
                options.append(table.copy())
                options[-1][row] = one
            if len(own) > 1:
                table = max(options, key=lambda one: _score_of_table(likelihood, one))
    return table


def _of_blocks(table: Image, size: int) -> Named:
    """Return the exchange of the first two blocks and, of three or more, the ring of all."""
    what, count = "columns" if len(table) == 1 else "blocks", table.shape[1]
    found = [(_move(table[:, :2], size), f"exchange of 2 {what}")]
    if count > 2:
        found.append((_move(table, size), f"ring of {count} {what}"))
    return found


def _joined(likelihood: Likelihood, tables: Sequence[Image]) -> list[Image]:
    """Join sets of blocks while the permutations of all blocks are likelier."""
    found = list(tables)
    pairs = [(i, j) for j in range(len(found)) for i in range(j)]
    for i, j in pairs:
        if len(found[i]) != len(found[j]) or not found[i].size or len(found[i]) > _MOST_ROWS:
            continue
        apart = [
            image for one in (found[i], found[j]) for image, _ in _of_blocks(one, likelihood.size)
        ]
        options = [
            np.concatenate([found[i], found[j][list(rows)]], axis=1)
            for rows in permutations(range(len(found[j])))
        ]
        options = [one for one in options if _is_alike(likelihood, one)]
        if not options:
            continue
        scores = [_score_of_table(likelihood, one) for one in options]
        best = options[int(np.argmax(scores))]
        together = [*apart, *(image for image, _ in _of_blocks(best, likelihood.size))]
        if max(scores) > likelihood.score(apart, _sets(found[i]) + _sets(found[j])) and not (
            likelihood.is_refuted(apart, together)
        ):
            found[i], found[j] = best[:, :0], best
    return [one for one in found if one.size]


def _is_alike(likelihood: Likelihood, table: Image) -> bool:
    return all(likelihood.exchangeable[np.ix_(row, row)].all() for row in table)


def _score_of_table(likelihood: Likelihood, table: Image) -> float:
    images = [image for image, _ in _of_blocks(table, likelihood.size)]
    return likelihood.score(images, _sets(table))


def _sets(table: Image) -> list[list[int]]:
    """The blocks, of which there are all permutations, by their first columns."""
    return [table[0].tolist()]


def _generates(group: Sequence[Image], images: Sequence[Image], size: int) -> bool:
    """Whether the group has as few orbits of pairs as the images have."""
    old, new = (len(np.unique(orbits(one, size)[1])) for one in (group, images))
    return old == new


def _association(likelihood: Likelihood, first: Image, second: Image) -> float:
    strengths = [
        np.abs(values[first, second].sum()) + np.abs(values[second, first].sum())
        for values in (kind.means() for kind in likelihood.kinds if kind.is_of_pairs)
    ]
    return float(sum(strengths))


def _move(table: Image, size: int) -> Image:
    """Return the permutation that moves each block to the next, the last to the first."""
    image = np.arange(size)
    for row in table:
        image = cycle(row.tolist(), size)[image]
    return image


def _small(likelihood: Likelihood, part: Sequence[Image]) -> Named:
    """Return a ring of all columns or of blocks, and what it lacks, of a small group."""
    size = likelihood.size
    identity = Permutation.identity(size)
    elements = group_elements([Permutation(one) for one in part], identity, _MOST_ELEMENTS)
    if elements is None:
        return []
    moved = int(moved_by(part, size).sum())
    found: list[Permutation] = []
    reached = {identity}
    while len(reached) < len(elements):
        best = max(
            (one for one in elements if one not in reached),
            key=lambda one: (
                _regularity(one, moved),
                one.order(),
                _association(likelihood, np.arange(size), one.image),
                [-int(image) for image in one.image],
            ),
        )
        if not found and _cycle_lengths(best.image) == [moved] and len(elements) <= 2 * moved:
            return _ring(likelihood, best.image, moved)
        found.append(best)
        reached = set(group_elements(found, identity, _MOST_ELEMENTS) or ())
    if len(found) > 3 or not _regularity(found[0], 0):
        return []
    return [(one.image, _name(one, number)) for number, one in enumerate(found)]


def _ring(likelihood: Likelihood, ring: Image, moved: int) -> Named:
    """Return a ring, with its mirror unless the pattern refutes that."""
    members = cycle_through(ring, int(np.argmax(ring != np.arange(len(ring)))))
    mirror = np.arange(len(ring))
    mirror[members] = members[::-1]
    found = [(ring, f"ring of {moved} columns")]
    search = Search(likelihood, Found((ring,), (), likelihood.score([ring])))
    if moved > 2 and search.consider([mirror], least=0.0):
        found.append((mirror, f"mirror of {moved} columns"))
    return found


def _regularity(one: Permutation, moved: int) -> int:
    """Return 2 if all cycles of an element are of one length and it moves as many columns, 1 if
    it moves fewer, else 0.
    """
    lengths = _cycle_lengths(one.image)
    if len(set(lengths)) != 1:
        return 0
    return 2 if sum(lengths) >= moved else 1


def _cycle_lengths(image: Image) -> list[int]:
    left, lengths = set(np.flatnonzero(image != np.arange(len(image))).tolist()), []
    while left:
        start = at = left.pop()
        length = 1
        while (at := int(image[at])) != start:
            left.discard(at)
            length += 1
        lengths.append(length)
    return lengths


def _name(one: Permutation, number: int) -> str:
    lengths = _cycle_lengths(one.image)
    if number and one.order() == 2:
        return f"mirror of {sum(lengths)} columns"
    if len(lengths) == 1:
        return f"ring of {lengths[0]} columns"
    if set(lengths) == {2}:
        return "exchange of 2 blocks"
    return f"ring of {lengths[0]} blocks"
