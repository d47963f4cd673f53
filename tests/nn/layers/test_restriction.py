"""Restricted maps are those of the group, moved by the subgroup as its own feature maps are."""

import pytest
import torch

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.layers.restriction import Restriction

from ..point_groups import GROUPS, feature_action, group_of


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_it_commutes_with_the_subgroup(group: PointGroup) -> None:
    grid, channels = Grid(5, 5), 3
    source = torch.Generator().manual_seed(1)
    x = torch.randn(2, channels * group.order, 5, 5, dtype=torch.float64, generator=source)
    for subgroup in GROUPS:
        if not set(subgroup.elements) <= set(group.elements):
            continue
        layer, index = Restriction(group, subgroup), group.order // subgroup.order

        def moves(of: PointGroup, count: int, by: PointGroup = subgroup) -> dict[str, Permutation]:
            copies = Permutation.identity(count)
            return {
                by.name(e): Permutation.kron(copies, feature_action(of, e, grid))
                for e in by.elements
            }

        error = errors_of_actions(
            layer, x, moves(group, channels), moves(subgroup, channels * index)
        )
        assert error.error == 0
        assert torch.equal(layer(x).sort(1).values, x.sort(1).values)


def test_its_state_is_empty_and_it_says_what_it_is() -> None:
    layer = Restriction(group_of("rot90"), group_of("rot180"))
    assert not layer.state_dict()
    assert "rot90 -> rot180" in str(layer)
    assert layer.order(8).tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
