"""Law 6: a group convolution's kernel is shared by the same rule, under the point group."""

from itertools import product

import numpy as np
import pytest
from scipy.signal import correlate2d

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

from .slow_twins import pair_group, pair_orbits_by_enumeration

SIDE = 3
GRID = Grid(SIDE, SIDE)


def point_group(names: list[str]) -> list[Permutation]:
    """All elements, as permutations of the kernel's positions; the identity first."""
    generators = [Symmetry(name).action(GRID) for name in names]
    found = [Permutation.identity(GRID.size)]
    for element in found:  # grows while it is read
        found += [g @ element for g in generators if g @ element not in found]
    return found


def left_multiplication(group: list[Permutation], h: Permutation) -> Permutation:
    return Permutation([group.index(h @ g) for g in group])


def jointly(first: Permutation, second: Permutation) -> Permutation:
    """The action on pairs (a, b), row-major."""
    return Permutation((first.image[:, None] * second.size + second.image).ravel())


CASES = [(["rot90"], 4), (["rot90", "hflip"], 8), (["hflip"], 2), (["vflip", "hflip"], 4)]


@pytest.mark.parametrize(("names", "order"), CASES)
def test_kernel_orbits_are_those_of_the_enumerated_group(names: list[str], order: int) -> None:
    group = point_group(names)
    assert len(group) == order
    moves = [Symmetry(name).action(GRID) for name in names]
    outs = [left_multiplication(group, h) for h in moves]
    ins = [jointly(o, h) for o, h in zip(outs, moves, strict=True)]
    n_in = order * GRID.size
    orbits = pair_orbits(outs, ins, order, n_in)
    labels, _ = pair_orbits_by_enumeration(pair_group(outs, ins, order, n_in), order, n_in)
    assert np.array_equal(orbits.labels, labels)
    assert orbits.count == order * GRID.size  # the group moves its own elements freely
    lifting = pair_orbits(outs, moves, order, GRID.size)
    assert lifting.count == GRID.size


@pytest.mark.parametrize(("names", "order"), CASES)
def test_a_convolution_with_such_a_kernel_is_equivariant(names: list[str], order: int) -> None:
    group = point_group(names)
    moves = [Symmetry(name).action(GRID) for name in names]
    outs = [left_multiplication(group, h) for h in moves]
    ins = [jointly(o, h) for o, h in zip(outs, moves, strict=True)]
    orbits = pair_orbits(outs, ins, order, order * GRID.size)
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=orbits.count)[orbits.labels].reshape(order, order, SIDE, SIDE)
    field, picture = rng.normal(size=(order, 8, 8)), Grid(8, 8)

    def convolved(x: np.ndarray) -> np.ndarray:
        y = np.zeros_like(x)
        for out, inp in product(range(order), range(order)):
            y[out] += correlate2d(x[inp], kernel[out, inp], mode="same")
        return y

    for name, element in zip(names, outs, strict=True):
        everywhere = jointly(element, Symmetry(name).action(picture))

        def moved(x: np.ndarray, by: Permutation = everywhere) -> np.ndarray:
            return by.apply(x.reshape(1, -1)).reshape(x.shape)

        assert np.allclose(convolved(moved(field)), moved(convolved(field)))
