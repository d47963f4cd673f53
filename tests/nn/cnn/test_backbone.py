"""Backbones halve the image twice, commute with their group, and start at one scale."""

import numpy as np
import pytest
import torch
from torch import nn

from autoequivariant.groups.domain import Grid
from autoequivariant.nn.cnn.architecture import BACKBONES, CNNArchitecture
from autoequivariant.nn.cnn.backbone import make_backbone
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.layers.group_conv import GroupConv

from ..point_groups import GROUPS, group_of
from .networks import PLAIN, pictures


@pytest.mark.parametrize("backbone", ["paper", "residual"])
@pytest.mark.parametrize(("shape", "quarter"), [((8, 8), (2, 2)), ((9, 13), (3, 4))])
def test_two_halvings_and_the_later_channels(
    backbone: str, shape: tuple[int, int], quarter: tuple[int, int]
) -> None:
    architecture, group = CNNArchitecture(2, Grid(*shape), 5, backbone, 6), group_of("rot180")
    layers = make_backbone(architecture, group, torch.Generator().manual_seed(0))
    maps = architecture.channels(group)[1] * group.order
    assert layers(torch.zeros(3, 2, *shape)).shape == (3, maps, *quarter)


def test_the_papers_network() -> None:
    """Four 3x3 convolutions, two pools, twice the channels in the third and fourth."""
    architecture = CNNArchitecture(1, Grid(28, 28), 10, "paper", 32)
    plain = EquivariantCNN(architecture, PLAIN)
    convs = [module for module in plain.modules() if isinstance(module, GroupConv)]
    assert [(c.in_channels, c.out_channels, c.kernel_size) for c in convs] == [
        (1, 32, 3),
        (32, 32, 3),
        (32, 64, 3),
        (64, 64, 3),
    ]
    twin = nn.Sequential(
        *(nn.Conv2d(c.in_channels, c.out_channels, 3, bias=False) for c in convs),
        *(nn.BatchNorm2d(c.out_channels) for c in convs),
        nn.Linear(64, 10),
    )
    assert plain.n_parameters == sum(parameter.numel() for parameter in twin.parameters())


@pytest.mark.parametrize("backbone", BACKBONES)
def test_all_groups_start_at_the_same_scale(backbone: str) -> None:
    """The first layer's maps, and how far the logits of one picture lie from another's."""
    grid, maps, spreads = Grid(8, 8), {}, {}
    architecture = CNNArchitecture(3, grid, 10, backbone)
    for group in GROUPS:
        draws = []
        for seed in range(6):
            x = pictures(grid, 32, 3, seed).float()
            source = torch.Generator().manual_seed(seed)
            network = EquivariantCNN(architecture, group, generator=source)
            with torch.no_grad():
                first = network.backbone[0].conv(x).square().mean()
                draws.append([float(first), float(network(x).var(0).mean())])
        maps[group], spreads[group] = np.sqrt(np.mean(draws, 0))
    # The largest of several maps varies a little more than one of them: logits are given more room.
    for found, room in ((maps, 1.05), (spreads, 1.6)):
        for scale in found.values():
            assert 1 / room < scale / found[GROUPS[0]] < room


def test_a_scale_without_the_groups_fan_in_would_differ() -> None:
    """The twin of the test above: weights counted over the channels alone grow with the order."""
    x = pictures(Grid(8, 8), 32).float()
    network = EquivariantCNN(CNNArchitecture(2, Grid(8, 8), 10), GROUPS[-1])
    second = [module for module in network.modules() if isinstance(module, GroupConv)][1]
    maps = torch.relu(network.backbone[0](x))
    plain = float(second(maps).detach().std())
    with torch.no_grad():
        second.weight.mul_(GROUPS[-1].order ** 0.5)
    assert float(second(maps).detach().std()) > 2.5 * plain
