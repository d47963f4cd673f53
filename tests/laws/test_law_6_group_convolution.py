"""Law 6: a group convolution's kernel is shared by the same rule, under the point group."""

from itertools import product

import numpy as np
import pytest
from scipy.signal import correlate

from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

from .slow_twins import pair_group, pair_orbits_by_enumeration

LINE, GRID, CUBE = Sequence(3), Grid(3, 3), Volume(3, 3, 3)


def point_group(names: list[str], positions: Domain) -> list[Permutation]:
    """All elements, as permutations of the kernel's positions; the identity first."""
    generators = [Symmetry(name).action(positions) for name in names]
    found = [Permutation.identity(positions.size)]
    for element in found:  # grows while it is read
        found += [g @ element for g in generators if g @ element not in found]
    return found


def left_multiplication(group: list[Permutation], h: Permutation) -> Permutation:
    return Permutation([group.index(h @ g) for g in group])


def jointly(first: Permutation, second: Permutation) -> Permutation:
    """The action on pairs (a, b), row-major."""
    return Permutation((first.image[:, None] * second.size + second.image).ravel())


CASES: list[tuple[list[str], Domain, int]] = [
    (["rot90"], GRID, 4),
    (["rot90", "hflip"], GRID, 8),
    (["hflip"], GRID, 2),
    (["vflip", "hflip"], GRID, 4),
    (["reverse"], LINE, 2),
    (["rot90_xy", "flip_z"], CUBE, 8),
    (["rot90_xy", "rot90_yz", "flip_x"], CUBE, 48),
]


@pytest.mark.parametrize(("names", "positions", "order"), CASES)
def test_kernel_orbits_are_those_of_the_enumerated_group(
    names: list[str], positions: Domain, order: int
) -> None:
    group = point_group(names, positions)
    assert len(group) == order
    moves = [Symmetry(name).action(positions) for name in names]
    outs = [left_multiplication(group, h) for h in moves]
    ins = [jointly(o, h) for o, h in zip(outs, moves, strict=True)]
    n_in = order * positions.size
    orbits = pair_orbits(outs, ins, order, n_in)
    labels, _ = pair_orbits_by_enumeration(pair_group(outs, ins, order, n_in), order, n_in)
    assert np.array_equal(orbits.labels, labels)
    assert orbits.count == order * positions.size  # the group moves its own elements freely
    lifting = pair_orbits(outs, moves, order, positions.size)
    assert lifting.count == positions.size


@pytest.mark.parametrize(("names", "positions", "order"), CASES)
def test_a_convolution_with_such_a_kernel_is_equivariant(
    names: list[str], positions: Domain, order: int
) -> None:
    group = point_group(names, positions)
    moves = [Symmetry(name).action(positions) for name in names]
    outs = [left_multiplication(group, h) for h in moves]
    ins = [jointly(o, h) for o, h in zip(outs, moves, strict=True)]
    orbits = pair_orbits(outs, ins, order, order * positions.size)
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=orbits.count)[orbits.labels]
    kernel = kernel.reshape(order, order, *positions.shape)
    sample = type(positions)(*[4] * len(positions.shape))
    field = rng.normal(size=(order, *sample.shape))

    def convolved(x: np.ndarray) -> np.ndarray:
        y = np.zeros_like(x)
        for out, inp in product(range(order), range(order)):
            y[out] += correlate(x[inp], kernel[out, inp], mode="same", method="direct")
        return y

    for name, element in zip(names, outs, strict=True):
        everywhere = jointly(element, Symmetry(name).action(sample))

        def moved(x: np.ndarray, by: Permutation = everywhere) -> np.ndarray:
            return by.apply(x.reshape(1, -1)).reshape(x.shape)

        assert np.allclose(convolved(moved(field)), moved(convolved(field)))
