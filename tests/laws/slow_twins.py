"""Reference implementations that enumerate the group instead of using generators alone.

An element is written in signed one-line notation: entry `i` is `+(p[i] + 1)` or `-(p[i] + 1)`. An
element of the pair group is one such tuple on inputs, followed by one on outputs.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from autoequivariant.groups.orbits import Orbits
from autoequivariant.groups.permutation import Permutation

Element = tuple[int, ...]


def one_line(g: Permutation) -> Element:
    return tuple(int(s) * (int(p) + 1) for p, s in zip(g.image, g.signs, strict=True))


def one_line_of_pair(inp: Permutation, out: Permutation) -> Element:
    shifted = (i + inp.size if i > 0 else i - inp.size for i in one_line(out))
    return (*one_line(inp), *shifted)


def product(g: Element, h: Element) -> Element:
    return tuple(g[i - 1] if i > 0 else -g[-i - 1] for i in h)


def identity(size: int) -> Element:
    return tuple(range(1, size + 1))


def elements(generators: Iterable[Element], size: int) -> list[Element]:
    """All elements of the group generated on `size` indices."""
    gens = list(generators)
    found = {identity(size): None}
    waiting = list(found)
    while waiting:
        h = waiting.pop()
        for g in gens:
            gh = product(g, h)
            if gh not in found:
                found[gh] = None
                waiting.append(gh)
    return list(found)


def pair_group(
    outs: Sequence[Permutation], ins: Sequence[Permutation], n_out: int, n_in: int
) -> list[tuple[Element, Element]]:
    """All elements of the group of pairs, as (on outputs, on inputs)."""
    joined = [one_line_of_pair(i, o) for i, o in zip(ins, outs, strict=True)]
    group = elements(joined, n_in + n_out)
    shift = [(e[:n_in], e[n_in:]) for e in group]
    return [(tuple(i - n_in if i > 0 else i + n_in for i in out), inp) for inp, out in shift]


def matrix(g: Element) -> np.ndarray:
    result = np.zeros((len(g), len(g)))
    for i, image in enumerate(g):
        result[abs(image) - 1, i] = np.sign(image)
    return result


def pair_orbits_by_enumeration(
    group: Iterable[tuple[Element, Element]], n_out: int, n_in: int
) -> tuple[np.ndarray, np.ndarray]:
    """Labels by first index in row-major order, and signs; zeros are one orbit."""
    elements_of = list(group)
    labels = np.full((n_out, n_in), -1, np.int32)
    signs = np.zeros((n_out, n_in), np.int8)
    count, zero = 0, None
    for j in range(n_out):
        for i in range(n_in):
            if labels[j, i] >= 0:
                continue
            reached = {(out[j], inp[i]) for out, inp in elements_of}
            signed = {(abs(a) - 1, abs(b) - 1, np.sign(a) * np.sign(b)) for a, b in reached}
            contradictory = (j, i, -1) in signed
            label = zero if contradictory and zero is not None else count
            count += label == count
            zero = label if contradictory else zero
            for a, b, sign in signed:
                labels[a, b] = label
                signs[a, b] = 0 if contradictory else sign
    return labels, signs


def same_orbits(one: Orbits, other: Orbits) -> bool:
    """Whether labels and signs agree."""
    return np.array_equal(one.labels, other.labels) and np.array_equal(one.signs, other.signs)
