"""Chains of groups have one form for each network; restriction turns one action into another."""

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.point_group.chain import GroupChain, chain_of, restriction
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

from ...nn.point_groups import CUBES, GROUPS, SEQUENCES, group_of

SQUARE = Grid(8, 8)


def chain(text: str, domain: Domain = SQUARE) -> GroupChain:
    return GroupChain.generated(parse_symmetries(text), domain)


def test_the_group_of_each_level() -> None:
    found = chain("rot180,rot90@1,hflip@2")
    assert [str(found.at(level)) for level in range(4)] == [
        "rot90,hflip",
        "rot90,hflip",
        "hflip,vflip",
        "rot180",
    ]
    assert found.first == group_of("rot90,hflip") and found.whole == group_of("rot180")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("rot90,rot90@1", "rot90"),
        ("rot90,rot180@2", "rot90"),
        ("rot90@2,rot90@1", "rot90@2"),
        ("rot90@1,hflip@2", "rot90@1,hflip@2,vflip@1"),
        ("hflip,transpose@3", "hflip,rot90@3"),
        ("translate_x:1,rot90@2", "translate_x:1,translate_y:1@2,rot90@2"),
        ("", ""),
    ],
)
def test_equal_networks_have_equal_chains(text: str, same: str) -> None:
    assert chain(text) == chain(same)
    assert chain(text).at(9) == chain(same).whole
    # Its generators make it again.
    assert GroupChain.generated(chain(text).generating_symmetries, SQUARE) == chain(text)
    assert chain(text) != chain("hflip@0")


def test_text() -> None:
    assert str(chain("hflip,rot90@2")) == "hflip,rot90@2"
    assert str(chain("translate_x:1@2")) == "translate_x:1@2"
    assert str(chain("")) == "none"
    assert chain_of(group_of("rot90")) == chain("rot90") == chain_of(chain("rot90"))
    assert chain("rot90").partial_symmetries == ()


def subgroups(group: PointGroup) -> list[PointGroup]:
    found = {1: SEQUENCES, 2: GROUPS, 3: CUBES}[group.dimensions]
    return [one for one in found if set(one.elements) <= set(group.elements)]


@pytest.mark.parametrize("group", [*SEQUENCES, *GROUPS, *CUBES[20:90:12]], ids=str)
def test_restriction_is_a_regular_representation_in_each_coset(group: PointGroup) -> None:
    for subgroup in subgroups(group):
        order = np.array(restriction(group, subgroup))
        assert sorted(order) == list(range(group.order))
        for element in subgroup.elements:
            before = group.left_multiplication(element)
            after = subgroup.left_multiplication(element)
            values = np.arange(group.order)[None]
            restricted = values[:, order].reshape(-1, subgroup.order)
            moved = before.apply(values)[:, order].reshape(-1, subgroup.order)
            assert np.array_equal(moved, after.apply(restricted))


def test_restriction_to_no_subgroup_is_refused() -> None:
    with pytest.raises(SymmetryError, match=r"^hflip is no part of rot90: restrict"):
        restriction(group_of("rot90"), group_of("hflip"))
    with pytest.raises(SymmetryError, match="is no part of"):
        restriction(group_of("hflip"), group_of("hflip,translate_x:1"))


@pytest.mark.parametrize("domain", [Sequence(9), Volume(5, 5, 5)], ids=str)
def test_other_dimensions(domain: Domain) -> None:
    name = "reverse" if domain.kind == "sequence" else "rot90_xy"
    found = GroupChain.generated([Symmetry(name, level=1)], domain)
    assert found.whole.order == 1 and found.at(1) == PointGroup.of([Symmetry(name)], domain)
    assert found.generating_symmetries == (Symmetry(name, level=1),)
