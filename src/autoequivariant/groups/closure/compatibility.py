"""Law 4: the action on a hidden domain must be a homomorphic image of the action on the input.

Otherwise the pair action generates a larger group than the input action, and the layer shares
weights that no symmetry of the input requires. Shift 4 has order 7 on 28 pixels and order 5 on 20:
together they generate a group of order 35, and the layer between them is blind to position.

An action is a homomorphic image of another if every word in the generators that is trivial on the
inputs is trivial on the outputs. Three tests, from cheap to exhaustive: the order of each
generator; a generator-equivariant map from inputs to outputs, visible in the orbits of pairs; and a
randomised Schreier-Sims chain of the pair group (Seress, Permutation Group Algorithms, 2003,
chapter 4). A rejection is always proven; an acceptance by the last test is wrong with probability
about 2**-30.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import ActionError
from autoequivariant.groups.orbits import pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation

_MOST_ENTRIES = 2**25  # of all elements that a chain keeps: all permutations of about 400 columns
_TRIVIAL_SIFTS = 30  # in a row; each reveals an incomplete chain with probability at least 1/2

Images = NDArray[Any]


def is_homomorphic_image(inputs: Sequence[Permutation], outputs: Sequence[Permutation]) -> bool:
    """Whether the action `outputs` is a homomorphic image of the action `inputs`.

    Args:
        inputs: each generator's action on the input domain.
        outputs: the same generators' actions on the hidden domain, in the same order.

    Raises:
        ActionError: the group is too large for the last test.
    """
    if any(inp.order() % out.order() for inp, out in zip(inputs, outputs, strict=True)):
        return False
    ins, outs = _without_signs(inputs), _without_signs(outputs)
    return not ins or _has_equivariant_map(ins, outs) or _contains_kernel(ins, outs)


def _without_signs(action: Sequence[Permutation]) -> list[Permutation]:
    """The same action, on the double cover if it has signs."""
    is_signed = any(g.is_signed for g in action)
    return [g.double_cover() if is_signed else g for g in action]


def _has_equivariant_map(ins: Sequence[Permutation], outs: Sequence[Permutation]) -> bool:
    """Whether some map from inputs onto outputs commutes with the generators.

    An orbit of pairs is the graph of such a map on an orbit of inputs if the two orbits have the
    same size.
    """
    pairs = pair_orbits(outs, ins, outs[0].size, ins[0].size)
    input_orbits = point_orbits(ins, ins[0].size).labels
    pair_sizes = np.bincount(pairs.labels.ravel())
    input_sizes = np.bincount(input_orbits)
    is_graph = pair_sizes[pairs.labels] == input_sizes[input_orbits][None, :]
    return bool(is_graph.any(axis=1).all())


def _contains_kernel(ins: Sequence[Permutation], outs: Sequence[Permutation]) -> bool:
    """Whether the kernel on the inputs is trivial on the outputs, by a chain of stabilisers.

    The chain is that of the pair group, with base points among the inputs.
    """
    n_in = ins[0].size
    joined = [np.concatenate([i.image, n_in + o.image]) for i, o in zip(ins, outs, strict=True)]
    chain = _StabiliserChain(joined[0].size)
    random_elements = _ProductReplacement(joined, np.random.default_rng(0))
    trivial = 0
    while trivial < _TRIVIAL_SIFTS:
        residue, level = chain.sift(random_elements.next())
        moved = np.flatnonzero(residue != np.arange(residue.size))
        if moved.size == 0:
            trivial += 1
        elif moved[0] >= n_in:
            return False  # trivial on the inputs, not on the outputs
        else:
            chain.extend(residue, level, int(moved[0]))
            trivial = 0
    return True


class _ProductReplacement:
    """Random elements of a group by product replacement (Celler et al., 1995)."""

    def __init__(self, generators: Sequence[Images], rng: np.random.Generator) -> None:
        self.rng = rng
        self.slots = [generators[k % len(generators)] for k in range(max(10, len(generators) + 1))]
        self.product = np.arange(generators[0].size)
        for _ in range(60):
            self.next()

    def next(self) -> Images:
        """Replace one slot by a product with another and return the running product."""
        i, j = self.rng.choice(len(self.slots), 2, replace=False)
        factor = self.slots[j] if self.rng.integers(2) else np.argsort(self.slots[j])
        self.slots[i] = factor[self.slots[i]] if self.rng.integers(2) else self.slots[i][factor]
        self.product = self.product[self.slots[i]]
        return self.product


class _StabiliserChain:
    """A base point, strong generators and a transversal for each level."""

    def __init__(self, degree: int) -> None:
        self.degree = degree
        self._n_entries = 0
        self.base: list[int] = []
        # For each level: generators with their inverses.
        self.strong: list[list[tuple[Images, Images]]] = []
        # For each level and each point of the orbit: the inverse of an element that reaches it.
        self.transversal: list[dict[int, Images]] = []

    def sift(self, element: Images) -> tuple[Images, int]:
        """Return the residue of an element and the level at which it leaves the chain."""
        for level, point in enumerate(self.base):
            inverse = self.transversal[level].get(int(element[point]))
            if inverse is None:
                return element, level
            element = inverse[element]
        return element, len(self.base)

    def extend(self, element: Images, level: int, moved: int) -> None:
        """Add a strong generator that fixes the base points before `level`."""
        if level == len(self.base):
            self.base.append(moved)
            self.strong.append([])
            self.transversal.append({moved: np.arange(self.degree)})
        step = (element, np.argsort(element))
        for number in range(level + 1):
            self.strong[number].append(step)
            self._extend_orbit(number)

    def _extend_orbit(self, level: int) -> None:
        """Extend the orbit by the newest strong generator: points reached before need only that."""
        reached, strong = self.transversal[level], self.strong[level]
        frontier = [(point, strong[-1:]) for point in reached]
        while frontier:
            point, steps = frontier.pop()
            for g, inverse in steps:
                image = int(g[point])
                if image not in reached:
                    self._n_entries += self.degree
                    if self._n_entries > _MOST_ENTRIES:
                        raise ActionError(
                            "The candidates generate a group too large to be compared layer by "
                            "layer: name fewer candidates, or --layers of the input's shape."
                        )
                    reached[image] = reached[point][inverse]
                    frontier.append((image, strong))
