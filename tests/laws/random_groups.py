"""Random generators for the laws: a group's action on inputs, and one on outputs.

All groups have at most about 2,500 elements, so that `slow_twins` can enumerate them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from autoequivariant.groups.permutation import Permutation


@dataclass(frozen=True)
class Actions:
    """The same generators' actions on outputs and on inputs."""

    outs: list[Permutation]
    ins: list[Permutation]
    n_out: int
    n_in: int


def on_pairs(g: Permutation) -> Permutation:
    """Its action on ordered pairs of indices."""
    image = g.image[:, None] * g.size + g.image[None, :]
    return Permutation(image.ravel(), np.outer(g.signs, g.signs).ravel())


def without_signs(g: Permutation) -> Permutation:
    return Permutation(g.image)


def determinant(g: Permutation) -> Permutation:
    """Its action on one index, whose sign is that of the determinant of its matrix."""
    matrix = np.zeros((g.size, g.size))
    matrix[g.image, np.arange(g.size)] = g.signs
    return Permutation([0], [round(float(np.linalg.det(matrix)))])


def trivial(g: Permutation) -> Permutation:
    return Permutation.identity(1)


def itself(g: Permutation) -> Permutation:
    return g


# Each makes of one action another that is a homomorphic image of it.
IMAGES: list[Callable[[Permutation], Permutation]] = [
    itself,
    on_pairs,
    without_signs,
    determinant,
    trivial,
    Permutation.double_cover,
]


@st.composite
def permutations(draw: st.DrawFn, size: int, signed: bool) -> Permutation:
    image = draw(st.permutations(range(size)))
    signs = st.lists(st.sampled_from([1, -1]), min_size=size, max_size=size)
    return Permutation(image, draw(signs) if signed else None)


@st.composite
def generators(draw: st.DrawFn, largest: int, least: int = 0, most: int = 3) -> list[Permutation]:
    """Generators on up to `largest` indices, or one fewer where they have signs."""
    signed = draw(st.booleans())
    size = draw(st.integers(1, largest - signed))
    return draw(st.lists(permutations(size, signed), min_size=least, max_size=most))


@st.composite
def unrelated_actions(draw: st.DrawFn) -> Actions:
    """Actions on inputs and outputs that need not have anything to do with each other."""
    n_in, n_out, signed = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.booleans())
    n_in, n_out = min(n_in, 4 - signed), min(n_out, 4 - signed)
    count = draw(st.integers(0, 3))
    ins = draw(st.lists(permutations(n_in, signed), min_size=count, max_size=count))
    out_signed = signed and draw(st.booleans())
    outs = draw(st.lists(permutations(n_out, out_signed), min_size=count, max_size=count))
    return Actions(outs, ins, n_out, n_in)


@st.composite
def actions_on_blocks(draw: st.DrawFn) -> Actions:
    """On outputs, and on inputs in blocks of two: a generator moves blocks and may swap in them."""
    blocks = draw(st.integers(1, 4))
    outs = draw(st.lists(permutations(blocks, False), min_size=1, max_size=3))
    swaps = st.lists(st.integers(0, 1), min_size=blocks, max_size=blocks)
    ins = []
    for g in outs:
        flip = np.array(draw(swaps))
        ins.append(Permutation((2 * g.image[:, None] + (flip[:, None] ^ [0, 1])).ravel()))
    return Actions(outs, ins, blocks, 2 * blocks)


@st.composite
def image_actions(draw: st.DrawFn) -> Actions:
    """A hidden action that is a homomorphic image of the action on the input."""
    if draw(st.booleans()):
        return draw(actions_on_blocks())
    base = draw(generators(4, least=1))
    image = draw(st.sampled_from(IMAGES))
    source = draw(st.sampled_from([itself, Permutation.double_cover]))  # both lose no element
    ins, outs = [source(g) for g in base], [image(g) for g in base]
    return Actions(outs, ins, outs[0].size, ins[0].size)


def actions() -> st.SearchStrategy[Actions]:
    """Pairs of actions of every kind."""
    return st.one_of(image_actions(), unrelated_actions())
