"""Law 4: the action on a hidden domain must be a homomorphic image of the action on the input.

Otherwise the pair action generates more than the input action does, and the layer shares weights
that no symmetry of the input asks for. Shift 4 has order 7 on 28 pixels and order 5 on 20: together
that is a group of order 35, and the layer between them cannot see positions at all.

An action is an image of another if every word in the generators that is trivial on the inputs is
trivial on the outputs. Three tests, from cheap to sure: the order of each generator; a function
from inputs to outputs that commutes with the generators, which the orbits of pairs show; and a
random Schreier-Sims chain of the group of pairs (Seress, Permutation Group Algorithms, 2003,
chapter 4), which decides what is left. A refusal is always proven; an acceptance by the last test
is wrong with probability about 2**-30.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.orbits import pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation

_TRIVIAL_SIFTS = 30  # in a row; each shows a flaw of the chain with probability 1/2 or more

Images = NDArray[Any]


def incompatibility(inputs: Sequence[Permutation], outputs: Sequence[Permutation]) -> str | None:
    """Say why the action `outputs` is not a homomorphic image of `inputs`; None if it is.

    Args:
        inputs: each generator's action on the input domain.
        outputs: the same generators' actions on the hidden domain, in the same order.
    """
    for number, (inp, out) in enumerate(zip(inputs, outputs, strict=True)):
        if inp.order() % out.order():
            return (
                f"generator {number} has order {inp.order()} on the input but order "
                f"{out.order()} on the hidden domain"
            )
    ins, outs = _without_signs(inputs), _without_signs(outputs)
    if not ins or _has_equivariant_map(ins, outs) or _kernel_is_contained(ins, outs):
        return None
    return "some product of them moves nothing on the input but something on the hidden domain"


def _without_signs(action: Sequence[Permutation]) -> list[Permutation]:
    """The same group, acting on the double cover if it has signs."""
    is_signed = any(g.is_signed for g in action)
    return [g.double_cover() if is_signed else g for g in action]


def _has_equivariant_map(ins: Sequence[Permutation], outs: Sequence[Permutation]) -> bool:
    """Whether some function of the inputs commutes with the generators and reaches every output.

    An orbit of pairs is the graph of such a function on an orbit of inputs if it is as large as
    that orbit.
    """
    pairs = pair_orbits(outs, ins, outs[0].size, ins[0].size)
    input_orbits = point_orbits(ins, ins[0].size).labels
    pair_sizes = np.bincount(pairs.labels.ravel())
    input_sizes = np.bincount(input_orbits)
    is_graph = pair_sizes[pairs.labels] == input_sizes[input_orbits][None, :]
    return bool(is_graph.any(axis=1).all())


def _kernel_is_contained(ins: Sequence[Permutation], outs: Sequence[Permutation]) -> bool:
    """Decide by a stabiliser chain of the pairs, with base points among the inputs."""
    n_in = ins[0].size
    joined = [np.concatenate([i.image, n_in + o.image]) for i, o in zip(ins, outs, strict=True)]
    chain = _Chain(joined[0].size)
    randomly = _ProductReplacement(joined, np.random.default_rng(0))
    trivial = 0
    while trivial < _TRIVIAL_SIFTS:
        rest, level = chain.sift(randomly.element())
        moved = np.flatnonzero(rest != np.arange(rest.size))
        if moved.size == 0:
            trivial += 1
        elif moved[0] >= n_in:
            return False  # trivial on the inputs, not on the outputs
        else:
            chain.extend(rest, level, int(moved[0]))
            trivial = 0
    return True


class _ProductReplacement:
    """Random elements of a group from its generators (Celler et al., 1995)."""

    def __init__(self, generators: Sequence[Images], rng: np.random.Generator) -> None:
        self.rng = rng
        self.slots = [generators[k % len(generators)] for k in range(max(10, len(generators) + 1))]
        self.product = np.arange(generators[0].size)
        for _ in range(60):
            self.element()

    def element(self) -> Images:
        """Replace one slot by a product with another and return the running product."""
        i, j = self.rng.choice(len(self.slots), 2, replace=False)
        factor = self.slots[j] if self.rng.integers(2) else np.argsort(self.slots[j])
        self.slots[i] = factor[self.slots[i]] if self.rng.integers(2) else self.slots[i][factor]
        self.product = self.product[self.slots[i]]
        return self.product


class _Chain:
    """A chain of stabilisers: a base point, strong generators and a transversal for each level."""

    def __init__(self, degree: int) -> None:
        self.degree = degree
        self.base: list[int] = []
        self.strong: list[list[Images]] = []
        # at each level, for each point that is reached: the inverse of an element that reaches it
        self.transversal: list[dict[int, Images]] = []

    def sift(self, element: Images) -> tuple[Images, int]:
        """Divide out the levels; return what is left and the level at which it left the chain."""
        for level, point in enumerate(self.base):
            back = self.transversal[level].get(int(element[point]))
            if back is None:
                return element, level
            element = back[element]
        return element, len(self.base)

    def extend(self, element: Images, level: int, moved: int) -> None:
        """Add a strong generator that fixes the base points before `level`."""
        if level == len(self.base):
            self.base.append(moved)
            self.strong.append([])
            self.transversal.append({moved: np.arange(self.degree)})
        for at in range(level + 1):
            self.strong[at].append(element)
            self._grow(at)

    def _grow(self, level: int) -> None:
        reached = self.transversal[level]
        frontier = list(reached)
        inverses = [np.argsort(g) for g in self.strong[level]]
        while frontier:
            point = frontier.pop()
            for g, back in zip(self.strong[level], inverses, strict=True):
                image = int(g[point])
                if image not in reached:
                    reached[image] = reached[point][back]
                    frontier.append(image)
