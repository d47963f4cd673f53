"""Groups as values: their elements, names, generators and actions, against enumerated groups."""

import pickle
from itertools import combinations

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import PointElement
from autoequivariant.groups.point_group.group import MOST_ELEMENTS, PointGroup
from autoequivariant.groups.point_group.moves import POINT_SYMMETRIES, CyclicShift
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries

GRID, CUBE = Grid(6, 6), Volume(4, 4, 4)
NAMES = POINT_SYMMETRIES[2][:6]
SUBSETS = [names for n in range(7) for names in combinations(NAMES, n)]


def group_of(text: str, domain: Grid | Volume | Sequence = GRID, **counts: int) -> PointGroup:
    return PointGroup.of(parse_symmetries(text), domain, **counts)


def closure(names: tuple[str, ...]) -> set[Permutation]:
    """Of permutations of a grid's indices, by multiplication until nothing is new."""
    generators = [Symmetry(name).action(GRID) for name in names]
    found, waiting = {Permutation.identity(36)}, [Permutation.identity(36)]
    while waiting:
        element = waiting.pop()
        new = {g @ element for g in generators} - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("names", SUBSETS, ids=",".join)
def test_it_has_the_elements_that_its_generators_make(names: tuple[str, ...]) -> None:
    group, wanted = group_of(",".join(names)), closure(names)
    assert {element.action(GRID) for element in group.elements} == wanted
    assert group.elements[0] == PointElement.identity(2) and group.order == len(wanted)
    assert [str(s) for s in group.symmetries.values()] == [
        name for name in NAMES if Symmetry(name).action(GRID) in wanted
    ]
    assert group == group_of(",".join(names[::-1])) == group_of(str(group).replace("none", ""))
    assert hash(group) == hash(group_of(str(group).replace("none", "")))
    assert len(group.generators) <= min(len(names), 2)
    assert pickle.loads(pickle.dumps(group)) == group


def test_there_are_ten_on_the_square() -> None:
    found = {group_of(",".join(names)) for names in SUBSETS}
    assert sorted(group.order for group in found) == [1, 2, 2, 2, 2, 2, 4, 4, 4, 8]
    names = [group_of("rot90,hflip").name(element) for element in group_of("rot90,hflip").elements]
    assert names == [
        *("identity", "rot90", "rot180", "inverse of rot90"),
        *("hflip", "vflip", "transpose", "antitranspose"),
    ]


TEXTS = [
    ("", "none", 1),
    ("vflip,hflip,rot180", "hflip,vflip", 4),
    ("transpose,hflip", "rot90,hflip", 8),
    ("rot90,rot180", "rot90", 4),
    ("hflip,negate", "hflip,negate", 4),
    ("translate_x:2", "translate_x:1", 1),
    ("translate_x:2,rot90", "rot90,translate_y:1,translate_x:1", 4),
    ("translate_x:2,vflip", "vflip,translate_x:1", 2),
]


@pytest.mark.parametrize(("text", "canonical", "order"), TEXTS)
def test_text_forms(text: str, canonical: str, order: int) -> None:
    group = group_of(text)
    assert (str(group), group.order) == (canonical, order)
    assert PointGroup.of(group.generating_symmetries, GRID) == group


def test_shifts_are_axes() -> None:
    group = group_of("translate_y:2")
    assert group.circular == (0,)
    assert CyclicShift((0,)) in group and CyclicShift((0, 1)) not in group
    assert group != group_of("") and group == group_of("translate_y:1")


def test_the_cube() -> None:
    group = group_of("rot90_xy,rot90_yz,flip_x", CUBE)
    assert group.order == 48 and str(group) == "rot90_xy,rot90_yz,flip_x"
    assert group_of("rot90_xy,rot90_yz", CUBE).order == 24
    third = group.elements.index(by_axes((2, 3, 1)))
    assert group.name(group.elements[third]) == "axes 2 3 1"
    assert "inverse of rot90_xz" in map(group.name, group.elements)


def by_axes(axes: tuple[int, ...]) -> PointElement:
    return PointElement(axes)


MIRROR = Symmetry(
    "mirror", custom=CustomAction(like=Symmetry("hflip"), outputs=Permutation([1, 0, 2]))
)


def test_outputs_that_move() -> None:
    group = PointGroup.of([MIRROR, Symmetry("rot90")], GRID, 1, 3)
    assert (group.order, group.stable_order, group.moved_outputs) == (8, 4, 3)
    stable = group.elements[:4]
    assert [group.name(element) for element in stable] == [
        *("identity", "rot90", "rot180", "inverse of rot90")
    ]
    assert str(group) == "rot90,mirror"
    mirror = next(e for e in group.elements if group.name(e) == "mirror")
    assert group.coset_action(mirror) == Permutation([1, 0])
    assert group.coset_action(stable[1]).is_identity
    others = {group.name(element) for element in group.elements[4:]}
    assert "mirror" in others and len(others) == 4


def test_names_are_those_that_were_given() -> None:
    turn = Symmetry("turn", custom=CustomAction(like=Symmetry("rot90")))
    group = PointGroup.of([turn], GRID)
    assert str(group) == "turn" and group == group_of("rot90")
    assert [str(s) for s in group.symmetries.values()] == ["turn", "rot180"]
    assert group.generating_symmetries == (turn,)


@pytest.mark.parametrize(
    "group",
    [
        group_of("rot90,hflip"),
        group_of("rot90_xy,flip_z", CUBE),
        group_of("reverse_complement,negate", Sequence(6), channels=4),
        PointGroup.of([MIRROR, Symmetry("rot90")], GRID, 1, 3),
    ],
    ids=str,
)
def test_left_multiplication_is_homomorphic_and_free(group: PointGroup) -> None:
    for g in group.elements:
        left = group.left_multiplication(g)
        assert left.image[0] == group.elements.index(g)
        assert left.is_identity == (g == group.elements[0])
        for h in group.elements:
            assert group.left_multiplication(g @ h) == left @ group.left_multiplication(h)
            assert group.coset_action(g @ h) == group.coset_action(g) @ group.coset_action(h)


@pytest.mark.parametrize("names", SUBSETS[:22], ids=",".join)
def test_which_sides_it_fits(names: tuple[str, ...]) -> None:
    group = group_of(",".join(names))
    fits = all(Symmetry(name).is_defined_on(Grid(2, 3)) for name in names)
    assert group.fits((2, 3)) == fits and group.fits((3, 3))


def test_a_large_group_is_refused() -> None:
    colours = [
        Symmetry(f"c{n}", custom=CustomAction(channels=Permutation(image)))
        for n, image in enumerate(([1, 0, 2], [1, 2, 0]))
    ]
    group = PointGroup.of([*colours, *parse_symmetries("rot90,hflip")], GRID, 3)
    assert group.order == 48 and group.moved_channels == 3
    with pytest.raises(SymmetryError, match=f"more than {MOST_ELEMENTS} elements, too many"):
        PointGroup.of([*colours, *parse_symmetries("rot90_xy,rot90_yz")], CUBE, 3)


def test_all_that_no_convolution_has_is_named_at_once() -> None:
    with pytest.raises(SymmetryError, match=r"cycle_quadrants cannot .* swap_left_right cannot"):
        group_of("cycle_quadrants,hflip,swap_left_right")
    assert np.isclose(group_of("hflip").order, 2)
