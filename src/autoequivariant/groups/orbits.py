"""Orbits of (output, input) pairs under generators: which weights of an equivariant layer are one.

A linear map `W` is equivariant to the group that `S` generates if and only if it is equivariant to
every element of `S` (the group decomposition of arXiv 2104.04848):
`W[p_out[j], p_in[i]] = s_out[j] s_in[i] W[j, i]`. So the free weights are the orbits of the pairs
`(j, i)` under the generators alone; the group is never enumerated.

How it is fast. An orbit of pairs meets a fixed representative `r` of each orbit of outputs, and
there it is an orbit of the stabiliser of `r` on the inputs. A breadth-first search over the outputs
finds for each `j` an element that takes its representative to `j`, and so a label for every pair
(`_transport`). Labels that a generator does not respect are then merged (`_Classes`), and every
generator is checked on every pair until none disagrees: the answer is exact. For many small orbits
the transport alone is the answer; for large groups little more than a row of labels has to merge.

Signs need no second algorithm: they are orbits on the double cover, where an index stands once for
its value and once for the negative (`_signed_pair_orbits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.errors import ActionError
from autoequivariant.groups.permutation import Permutation, SignArray

_MOST_PATTERNS = 64  # of generators that fix an output; what is beyond is left to the merging
_SAMPLED_ROWS = 12  # enough to find nearly all merges of a large group before all rows are read
_FIRST_ROWS = 8  # where a permutation does not respect labels, these nearly always show it
_ALL_ROWS = slice(None)

LabelArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Orbits:
    """A partition of an index set into orbits, numbered by their first index in row-major order.

    So it is canonical: generators that allow the same maps give equal arrays.

    Attributes:
        labels: the number of each index's orbit, `(n_out, n_in)` for pairs, `(n,)` for points.
        count: number of orbits.
        signs: the sign of each index against its orbit's value, the same shape, +1 at the orbit's
            first index; 0 where signs contradict each other, which forces the value to zero (all
            such indices count as one orbit); None where no generator has signs and none were
            asked for.
    """

    labels: LabelArray
    count: int
    signs: SignArray | None = None

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which orbits carry a free weight, shape `(count,)`: those not forced to zero."""
        free = np.ones(self.count, bool)
        if self.signs is not None:
            free[self.labels[self.signs == 0]] = False
        return free

    @property
    def free_count(self) -> int:
        """Number of free weights."""
        return int(self.free.sum())

    def key(self) -> bytes:
        """Equal for equal partitions (and signs) of equal index sets, as bytes."""
        signs = b"" if self.signs is None else self.signs.tobytes()
        return self.labels.tobytes() + signs

    def preserved_by(self, out: Permutation, inp: Permutation | None = None) -> bool:
        """Whether every map with these orbits is equivariant to `(out, inp)` with signs (law 5).

        Args:
            out: the action on the outputs, or on the points.
            inp: the action on the inputs; None for orbits of points.
        """
        inp = Permutation.identity(1) if inp is None else inp
        labels = self.labels.reshape(out.size, inp.size)
        for rows in (slice(0, _FIRST_ROWS), slice(_FIRST_ROWS, None)):
            if not np.array_equal(_at_images(labels, out, inp, rows), labels[rows]):
                return False
        if self.signs is None and not (out.is_signed or inp.is_signed):
            return True
        signs = np.ones_like(labels, np.int8) if self.signs is None else self.signs
        signs = signs.reshape(labels.shape)
        wanted = signs * np.outer(out.signs, inp.signs)
        return np.array_equal(_at_images(signs, out, inp, _ALL_ROWS), wanted)


def pair_orbits(
    outs: Sequence[Permutation],
    ins: Sequence[Permutation],
    n_out: int,
    n_in: int,
    signed: bool = False,
) -> Orbits:
    """Return the orbits of pairs `(output, input)` under the generators `zip(outs, ins)`.

    Args:
        outs: each generator's action on the outputs.
        ins: the same generators' actions on the inputs, in the same order.
        n_out: number of outputs, needed where there is no generator.
        n_in: number of inputs.
        signed: keep track of signs even if no generator has any.

    Returns:
        Orbits with labels of shape `(n_out, n_in)`. Cost O(|S| n_out n_in) (law 2).

    Raises:
        ActionError: a generator acts on another number of outputs or inputs.
    """
    _check_sizes(outs, ins, n_out, n_in)
    if any(g.is_signed for g in (*outs, *ins)):
        return _signed_pair_orbits(outs, ins, n_out, n_in)
    classes = _Classes(_transport(outs, ins, n_out, n_in))
    classes.merge_until_exact(tuple(zip(outs, ins, strict=True)))
    signs = np.ones((n_out, n_in), np.int8) if signed else None
    return Orbits(classes.labels, classes.count, signs)


def point_orbits(generators: Sequence[Permutation], n: int, signed: bool = False) -> Orbits:
    """Return the orbits of single indices, shape `(n,)`: how a layer shares its bias."""
    one = [Permutation.identity(1)] * len(generators)
    pairs = pair_orbits(generators, one, n, 1, signed)
    signs = None if pairs.signs is None else pairs.signs[:, 0]
    return Orbits(pairs.labels[:, 0], pairs.count, signs)


def _check_sizes(
    outs: Sequence[Permutation], ins: Sequence[Permutation], n_out: int, n_in: int
) -> None:
    if len(outs) != len(ins):
        raise ActionError(
            f"There are {len(outs)} actions on the outputs and {len(ins)} on the inputs: each "
            "generator needs one of both."
        )
    for which, actions, size in (("outputs", outs, n_out), ("inputs", ins, n_in)):
        for g in actions:
            if g.size != size:
                raise ActionError(f"An action on {size} {which} moves {g.size} indices.")


def _signed_pair_orbits(
    outs: Sequence[Permutation], ins: Sequence[Permutation], n_out: int, n_in: int
) -> Orbits:
    """Orbits with signs from orbits without signs on the double covers of outputs and inputs.

    There `(+j, +i)` stands for `W[j, i]` and `(+j, -i)` for `-W[j, i]`; negating both is one more
    generator, since it changes nothing. A weight that shares its orbit with its negative is zero.
    """
    minus_out = Permutation(np.arange(n_out), np.full(n_out, -1))
    minus_in = Permutation(np.arange(n_in), np.full(n_in, -1))
    cover = pair_orbits(
        [g.double_cover() for g in (*outs, minus_out)],
        [g.double_cover() for g in (*ins, minus_in)],
        2 * n_out,
        2 * n_in,
    )
    plus, minus = cover.labels[:n_out, :n_in], cover.labels[:n_out, n_in:]
    signs = np.sign(minus - plus).astype(np.int8)
    labels = np.minimum(plus, minus)
    forced = signs == 0
    labels[forced] = labels[forced].min(initial=cover.count)
    kept = np.zeros(cover.count, bool)
    kept[labels] = True
    numbers = np.cumsum(kept, dtype=np.int32) - 1
    return Orbits(numbers[labels], int(kept.sum()), signs)


def _transport(
    outs: Sequence[Permutation], ins: Sequence[Permutation], n_out: int, n_in: int
) -> LabelArray:
    """Label each pair as the pair of its output's representative to which an element takes it.

    `(j, i)` gets the label of `(r, i')`, with `r` the representative of the orbit of `j` and `i'`
    the image of `i` under the element that was found to take `j` to `r`.
    """
    labels = np.zeros((n_out, n_in), np.int32)
    frontier = _representatives(outs, n_out)
    labels[frontier] = _rows_of_representatives(frontier, outs, ins, n_in)
    seen = np.zeros(n_out, bool)
    seen[frontier] = True
    backs = [g.inverse().image for g in ins]
    while frontier.size:
        reached = []
        for out, back in zip(outs, backs, strict=True):
            source = frontier[~seen[out.image[frontier]]]
            target = out.image[source]
            seen[target] = True
            labels[target] = np.take(np.take(labels, source, axis=0), back, axis=1)
            reached.append(target)
        frontier = np.concatenate(reached) if reached else frontier[:0]
    return labels


def _rows_of_representatives(
    representatives: NDArray[np.int64],
    outs: Sequence[Permutation],
    ins: Sequence[Permutation],
    n_in: int,
) -> LabelArray:
    """Labels for each representative's row; inputs that its fixing generators exchange are one."""
    rows = np.tile(np.arange(n_in, dtype=np.int32), (representatives.size, 1))
    if outs:
        fixing = np.stack([g.image[representatives] == representatives for g in outs])
        patterns, pattern_of = np.unique(fixing, axis=1, return_inverse=True)
        for number in np.argsort(-np.bincount(pattern_of.ravel()))[:_MOST_PATTERNS]:
            fixers = [g for g, fixes in zip(ins, patterns[:, number], strict=True) if fixes]
            rows[pattern_of.ravel() == number] = _point_labels(fixers, n_in)
    counts = rows.max(axis=1, initial=-1) + 1
    starts: LabelArray = (np.cumsum(counts) - counts).astype(np.int32)
    return rows + starts[:, None]


def _point_labels(generators: Sequence[Permutation], n: int) -> LabelArray:
    if not generators:
        return np.arange(n, dtype=np.int32)
    return _components(np.stack([g.image for g in generators], axis=1))[1]


def _representatives(generators: Sequence[Permutation], n: int) -> NDArray[np.int64]:
    """The smallest index of each orbit of single indices."""
    first: NDArray[np.int64] = np.unique(_point_labels(generators, n), return_index=True)[1]
    return first


class _Classes:
    """Labels of pairs, numbered by their first pair, merged until every generator respects them."""

    def __init__(self, labels: LabelArray) -> None:
        self.labels = labels
        self.count = int(labels.max(initial=-1)) + 1

    def merge_until_exact(self, generators: Sequence[tuple[Permutation, Permutation]]) -> None:
        """Merge what a few rows disagree on, then check all rows; go on where the check fails."""
        n_out, n_in = self.labels.shape
        if self.count <= 4 * n_in:  # large orbits of outputs: few rows decide nearly all labels
            sample = np.unique(np.linspace(0, n_out - 1, _SAMPLED_ROWS).astype(np.int64))
            for out, inp in generators:
                self._merge(out, inp, sample)
        agreed = turn = 0
        while agreed < len(generators):
            merged = self._merge(*generators[turn % len(generators)], _ALL_ROWS)
            agreed = 0 if merged else agreed + 1
            turn += 1

    def _merge(self, out: Permutation, inp: Permutation, rows: Any) -> bool:
        """Merge labels of the pairs in `rows` with their images'; return whether any differed."""
        here, there = self.labels[rows], _at_images(self.labels, out, inp, rows)
        differs = here != there
        if not differs.any():
            return False
        partner = np.arange(self.count)
        partner[here[differs]] = there[differs]  # one edge a label; the next round finds the rest
        self.count, numbers = _components(partner[:, None])
        self.labels = np.take(numbers, self.labels)
        return True


def _at_images(array: NDArray[Any], out: Permutation, inp: Permutation, rows: Any) -> NDArray[Any]:
    """The entries of `array` at the images of the pairs in `rows`."""
    return np.take(np.take(array, out.image[rows], axis=0), inp.image, axis=1)


def _components(to: NDArray[Any]) -> tuple[int, LabelArray]:
    """Connected components, numbered by their first node, where `i` has an edge to each `to[i]`."""
    n, edges = to.shape
    starts = np.arange(0, to.size + 1, edges)
    graph = csr_array((np.ones(to.size, np.int8), to.ravel(), starts), shape=(n, n))
    count, labels = connected_components(graph, directed=False)
    return int(count), labels.astype(np.int32, copy=False)
