"""The ten point groups as values, and what their elements do, by moving real pictures."""

import pickle
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group import POINT_SYMMETRIES, PointGroup, kernel_orbits

Picture = np.ndarray
MOVES: dict[str, Callable[[Picture], Picture]] = {
    "identity": lambda x: x,
    "rot90": lambda x: np.rot90(x, 1),
    "rot180": lambda x: np.rot90(x, 2),
    "rot270": lambda x: np.rot90(x, 3),
    "hflip": np.fliplr,
    "vflip": np.flipud,
    "transpose": np.transpose,
    "antitranspose": lambda x: np.rot90(x, 2).T,
}
SQUARE, OBLONG = np.arange(9).reshape(3, 3), np.arange(6).reshape(2, 3)
SUBSETS = [names for n in range(7) for names in combinations(POINT_SYMMETRIES, n)]
GROUPS = sorted({PointGroup(names) for names in SUBSETS}, key=lambda g: (g.order, str(g)))


def element_of(picture: Picture) -> str:
    """The element that makes this picture of `SQUARE`."""
    return next(name for name, move in MOVES.items() if np.array_equal(move(SQUARE), picture))


def product(first: str, second: str) -> str:
    return element_of(MOVES[first](MOVES[second](SQUARE)))


def closure(names: tuple[str, ...]) -> set[str]:
    found, waiting = {"identity"}, ["identity"]
    while waiting:
        element = waiting.pop()
        new = {product(name, element) for name in names} - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("names", SUBSETS, ids=",".join)
def test_it_has_the_elements_that_its_generators_make(names: tuple[str, ...]) -> None:
    group, wanted = PointGroup(names), closure(names)
    assert set(group.elements) == wanted and group.elements[0] == "identity"
    assert group.order == len(wanted)
    assert group.members == tuple(name for name in POINT_SYMMETRIES if name in wanted)
    assert group == PointGroup(names[::-1]) == PointGroup(group.members)
    assert hash(group) == hash(PointGroup(group.members))
    assert len(group.generators) <= min(len(names), 2) and group in GROUPS


def test_there_are_ten_and_equal_values_are_equal_groups() -> None:
    assert len(GROUPS) == len(set(GROUPS)) == 10
    assert len({frozenset(group.elements) for group in GROUPS}) == 10
    assert [group.order for group in GROUPS] == [1, 2, 2, 2, 2, 2, 4, 4, 4, 8]
    assert GROUPS[0] == PointGroup() and GROUPS[-1] == PointGroup(("rot90", "hflip"))


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_values_round_trip(group: PointGroup) -> None:
    assert PointGroup.parse(str(group)) == group
    assert PointGroup.parse(f" {str(group).replace(',', ' , ')} ") == group
    assert pickle.loads(pickle.dumps(group)) == group


def test_text_forms() -> None:
    assert str(PointGroup()) == "none" and PointGroup.parse("") == PointGroup()
    assert PointGroup.parse("vflip,hflip,rot180") == PointGroup.parse("hflip,vflip")
    assert str(PointGroup.parse("transpose,hflip")) == "rot90,hflip"
    assert PointGroup.parse("rot90,rot180") == PointGroup.parse("rot90")


STRANGERS = [
    ("rot9", r"did you mean rot90\b.*\?$", "rot90"),
    ("hflp,rot90", "did you mean hflip", "hflip,rot90"),
    ("Transpose", "did you mean transpose", "transpose"),
    (
        "translate_x:2",
        r"translate_x:2 cannot generate a point group: use rot90, .* or rot180\.$",
        "",
    ),
    ("swap_left_right,hflip", "^swap_left_right cannot", "hflip"),
    ("identity", "There is no symmetry 'identity'", "none"),
]


@pytest.mark.parametrize(("text", "message", "meant"), STRANGERS)
def test_what_does_not_generate_one_is_refused(text: str, message: str, meant: str) -> None:
    with pytest.raises(SymmetryError, match=message):
        PointGroup.parse(text)
    assert PointGroup.parse(meant) in GROUPS


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_actions_are_those_of_pictures_and_homomorphic(group: PointGroup) -> None:
    grid, count = Grid(3, 3), group.order
    for g in group.elements:
        moved = group.action(g, grid).apply(SQUARE.ravel()).reshape(3, 3)
        assert np.array_equal(moved, MOVES[g](SQUARE))
        for h in group.elements:
            both = product(g, h)
            assert group.action(both, grid) == group.action(g, grid) @ group.action(h, grid)
            left = group.left_multiplication(g) @ group.left_multiplication(h)
            assert group.left_multiplication(both) == left
            # (g.f)[g h](g x) = f[h](x), pixel by pixel
            maps = np.arange(count * 9).reshape(count, 3, 3)
            action = Permutation.kron(group.left_multiplication(g), group.action(g, grid))
            image = action.apply(maps.reshape(-1)).reshape(maps.shape)
            target, source = group.elements.index(both), group.elements.index(h)
            assert np.array_equal(image[target], MOVES[g](maps[source]))


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_which_pictures_it_allows(group: PointGroup) -> None:
    moved = [MOVES[name](OBLONG) for name in group.elements]
    assert group.needs_square == any(picture.shape != OBLONG.shape for picture in moved)
    if group.needs_square:
        with pytest.raises(SymmetryError, match="is not defined on 2x3"):
            [group.action(name, Grid(2, 3)) for name in group.elements]
    else:
        for name, picture in zip(group.elements, moved, strict=True):
            image = group.action(name, Grid(2, 3)).apply(OBLONG.ravel())
            assert np.array_equal(image.reshape(2, 3), picture)


def test_an_element_of_another_group_is_refused() -> None:
    group = PointGroup.parse("rot90")
    refusal = r"'hflip' is not in the group generated by rot90: .* rot270"
    with pytest.raises(SymmetryError, match=refusal):
        group.left_multiplication("hflip")
    with pytest.raises(SymmetryError, match=refusal):
        group.action("hflip", Grid(3, 3))
    assert group.left_multiplication("rot270") == group.left_multiplication("rot90").inverse()


@pytest.mark.parametrize("side", [1, 2, 3, 4])
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_kernel_orbits_are_the_identitys_kernel_moved_by_each_element(
    group: PointGroup, side: int
) -> None:
    """Enumerated: `kernel[g][g k] = g.kernel[identity][k]`, and each free weight once in a row."""
    order, size = group.order, side * side
    base = np.arange(order * size).reshape(order, side, side)
    full = np.zeros((order, *base.shape), int)
    for row, g in enumerate(group.elements):
        for number, k in enumerate(group.elements):
            full[row, group.elements.index(product(g, k))] = MOVES[g](base[number])
    orbits = kernel_orbits(group, side)
    assert orbits.count == order * size and np.array_equal(orbits.labels, full.reshape(order, -1))
    lifting = kernel_orbits(group, side, lifting=True)
    lifted = [MOVES[g](base[0]).ravel() for g in group.elements]
    assert lifting.count == size and np.array_equal(lifting.labels, lifted)
    for labels in (orbits.labels, lifting.labels):
        assert np.array_equal(
            np.sort(labels, axis=1), np.tile(np.arange(labels.shape[1]), (order, 1))
        )
