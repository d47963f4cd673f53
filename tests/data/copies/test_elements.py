import numpy as np
import pytest

from autoequivariant.data.copies.elements import elements_of, is_full, orbits_of
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import Symmetry


def images(names: str, side: int) -> list[np.ndarray]:
    return [Symmetry.parse(name).action(Grid(side, side)).image for name in names.split(",")]


def swap(size: int, a: int, b: int) -> np.ndarray:
    image = np.arange(size)
    image[[a, b]] = b, a
    return image


@pytest.mark.parametrize(
    ("names", "order"),
    [("hflip", 2), ("rot90", 4), ("rot90,hflip", 8), ("translate_x:1", 5), ("hflip,vflip", 4)],
)
def test_a_group_is_listed_whole(names: str, order: int) -> None:
    generators = images(names, 5)
    found = elements_of(generators, 100)
    assert found is not None and np.array_equal(found[0], np.arange(25))
    distinct = {tuple(image) for image in found}
    assert len(found) == len(distinct) == order
    for generator in generators:
        assert {tuple(generator[image]) for image in found} == distinct
    assert elements_of(generators, order) is not None
    assert elements_of(generators, order - 1) is None


def test_orbits_are_those_of_all_generators() -> None:
    orbits = orbits_of([swap(5, 0, 1), swap(5, 1, 3)], 5)
    assert orbits[0] == orbits[1] == orbits[3]
    assert len({orbits[0], orbits[2], orbits[4]}) == 3


RING = np.array([1, 2, 3, 4, 0])


@pytest.mark.parametrize(
    ("generators", "expected"),
    [
        ([np.arange(5)], True),
        ([swap(5, 0, 1), swap(5, 1, 2), swap(5, 3, 4)], True),
        ([swap(5, 0, 1), RING], True),
        ([RING], False),
        ([swap(5, 0, 1), swap(5, 2, 3)[swap(5, 1, 2)]], True),
        ([np.array([1, 0, 3, 2, 4])], False),
    ],
)
def test_a_group_is_full_if_it_permutes_its_orbits_at_will(
    generators: list[np.ndarray], expected: bool
) -> None:
    orders = np.bincount(orbits_of(generators, 5))
    whole = int(np.prod([np.prod(np.arange(1, n + 1)) for n in orders]))
    listed = elements_of(generators, 120)
    assert listed is not None
    assert (len(listed) == whole) == expected == is_full(generators)
