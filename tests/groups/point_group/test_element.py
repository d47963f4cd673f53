"""Elements move real arrays as NumPy does, and multiply as their actions do."""

from itertools import permutations, product

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Features, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import PointElement, cube, in_place, signed

ALL = {
    d: [
        PointElement(tuple(sign * (axis + 1) for sign, axis in zip(signs, axes, strict=True)))
        for axes in permutations(range(d))
        for signs in product((1, -1), repeat=d)
    ]
    for d in (1, 2, 3)
}


def moved_slowly(element: PointElement, x: np.ndarray) -> np.ndarray:
    """Index by index, in coordinates from the centre."""
    y = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        target = [0] * x.ndim
        for axis, image in enumerate(element.axes):
            from_centre = 2 * index[axis] - (x.shape[axis] - 1)
            b = abs(image) - 1
            target[b] = (from_centre * (1 if image > 0 else -1) + x.shape[axis] - 1) // 2
        y[tuple(target)] = x[index]
    return y


@pytest.mark.parametrize("side", [1, 2, 3, 4])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_it_moves_about_the_centre(dimensions: int, side: int) -> None:
    domain = cube(dimensions, side)
    x = np.arange(domain.size).reshape(domain.shape)
    for element in ALL[dimensions]:
        moved = element.action(domain).apply(x.reshape(-1)).reshape(x.shape)
        assert np.array_equal(moved, moved_slowly(element, x))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_products_and_inverses_are_those_of_actions(dimensions: int) -> None:
    domain, identity = cube(dimensions, 3), PointElement.identity(dimensions)
    for g in ALL[dimensions]:
        assert g @ identity == identity @ g == g
        assert g @ g.inverse() == identity
        for h in ALL[dimensions]:
            assert (g @ h).action(domain) == g.action(domain) @ h.action(domain)


def test_channels_and_outputs_multiply_as_permutations() -> None:
    first = PointElement((1,), (2, 3, -1), (2, 1))
    second = PointElement((-1,), (1, -3, 2), ())
    both = first @ second
    assert both.channel_action(3) == first.channel_action(3) @ second.channel_action(3)
    assert both.output_action(2) == first.output_action(2) and both.axes == (-1,)
    assert first @ first.inverse() == PointElement((1,))
    assert second.output_action(5).is_identity  # in place, however many there are
    samples = first.sample_action(Sequence(2), 3)
    assert samples == Permutation.kron(first.channel_action(3), Permutation.identity(2))
    assert PointElement((-1,)).sample_action(Sequence(2), 3).size == 2


def test_canonical_forms() -> None:
    assert signed(None) == signed(Permutation.identity(4)) == in_place((1, 2, 3)) == ()
    assert signed(Permutation([1, 0], [1, -1])) == (2, -1) == in_place((2, -1))


BAD = [
    (PointElement((2, 1)), Grid(2, 3), "exchanges axes of 2x3 whose sides differ"),
    (PointElement((-1,)), Grid(2, 3), "does not have the 1 axes"),
    (PointElement((1,)), Features(3), "features:3 does not have"),
    (PointElement((1, 3, 2)), Volume(2, 2, 3), "2x2x3 whose sides differ"),
]


@pytest.mark.parametrize(("element", "domain", "message"), BAD)
def test_domains_that_do_not_fit(element: PointElement, domain: Grid, message: str) -> None:
    with pytest.raises(SymmetryError, match=message):
        element.action(domain)
    assert PointElement((-1, 2)).action(Grid(2, 3)).size == 6


def test_other_numbers_of_channels_and_outputs() -> None:
    element = PointElement((1,), (2, 1), (2, 1, 3))
    with pytest.raises(SymmetryError, match="moves 2 channels, but there are 3"):
        element.channel_action(3)
    with pytest.raises(SymmetryError, match="moves 3 outputs, but there are 2"):
        element.output_action(2)
    assert element.channel_action(2).size == 2 and element.output_action(3).size == 3
