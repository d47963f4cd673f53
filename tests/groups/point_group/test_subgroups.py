"""Closed states of groups, against the closures of all sets of candidates."""

from itertools import combinations

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.subgroups import Subgroups
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries

MIRROR = Symmetry(
    "mirror", custom=CustomAction(like=Symmetry("hflip"), outputs=Permutation([1, 0]))
)
CASES: list[tuple[tuple[Symmetry, ...], Domain, int]] = [
    ((), Grid(8, 8), 1),
    (parse_symmetries("rot90,rot180,hflip,vflip,transpose,antitranspose"), Grid(8, 8), 10),
    (parse_symmetries("rot90,hflip,translate_x:2,translate_x:3,translate_y:1"), Grid(8, 8), 12),
    ((*parse_symmetries("hflip,rot180"), MIRROR), Grid(8, 8), 8),
    (parse_symmetries("reverse_complement,reverse,shift:1,shift:3"), Sequence(12), 8),
    (parse_symmetries("rot90_xy,rot90_yz,rot90_xz,flip_x,flip_y,flip_z"), Volume(4, 4, 4), 22),
]


def closed_slowly(candidates: tuple[Symmetry, ...], domain: Domain, some: tuple[int, ...]) -> set:
    """The candidates that leave the group unchanged when they are added."""
    channels = 4 if domain.kind == "sequence" else 1
    chosen = [candidates[k] for k in some]
    group = PointGroup.of(chosen, domain, channels, 2)
    return {
        k
        for k, candidate in enumerate(candidates)
        if PointGroup.of([*chosen, candidate], domain, channels, 2) == group
    }


@pytest.mark.parametrize(("candidates", "domain", "count"), CASES)
def test_closures_and_closed_states(
    candidates: tuple[Symmetry, ...], domain: Domain, count: int
) -> None:
    channels = 4 if domain.kind == "sequence" else 1
    found = Subgroups(candidates, domain, channels, 2)
    wanted: dict[frozenset[int], tuple[int, ...]] = {}
    for n in range(len(candidates) + 1):
        for some in combinations(range(len(candidates)), n):
            closed = frozenset(closed_slowly(candidates, domain, some))
            assert found.closure(some) == closed
            chosen = [candidates[k] for k in some]
            assert found.group(some) == PointGroup.of(chosen, domain, channels, 2)
            wanted.setdefault(closed, some)
    assert list(found.closed_states().items()) == list(wanted.items())
    assert len(wanted) == count


def test_the_cube_has_98_subgroups() -> None:
    domain = Volume(4, 4, 4)
    whole = PointGroup.of(parse_symmetries("rot90_xy,rot90_yz,flip_x"), domain)
    candidates = [
        Symmetry(f"g{n}", custom=CustomAction(element.action(domain)))
        for n, element in enumerate(whole.elements)
    ]
    found = Subgroups(candidates[1:], domain)
    states = found.closed_states()
    assert len(states) == 98
    assert max(map(len, states.values())) == 3
    assert sorted(found.group(state).order for state in states)[-2:] == [24, 48]


def test_names_of_a_subgroup_are_those_of_its_candidates() -> None:
    found = Subgroups([MIRROR, Symmetry("rot180")], Grid(8, 8), 1, 2)
    assert [str(found.group(state)) for state in ((), (0,), (1,))] == ["none", "mirror", "rot180"]


def test_what_no_convolution_has_is_refused() -> None:
    with pytest.raises(SymmetryError, match="swap_left_right cannot be a symmetry of a convol"):
        Subgroups(parse_symmetries("hflip,swap_left_right"), Grid(8, 8))
    assert len(Subgroups(parse_symmetries("hflip"), Grid(8, 8)).closed_states()) == 2
