"""The convolutional part of a group CNN."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import torch
from torch import Tensor, nn

from autoequivariant.groups.domain import Domain
from autoequivariant.groups.point_group.chain import GroupChain, chain_of
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.architecture import CNNArchitecture, Conv
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.nn.layers.group_layers import GroupBatchNorm, SpatialPool
from autoequivariant.nn.layers.restriction import Restriction


class NormedConv(nn.Module):
    """A convolution that keeps the sides of its maps, and batch normalisation.

    Args:
        domain: of the samples.
        group: the point group.
        conv: its sizes.
        generator: source of the initial weights.
    """

    def __init__(
        self, domain: Domain, group: PointGroup, conv: Conv, generator: torch.Generator
    ) -> None:
        super().__init__()
        dilation = conv.dilation(domain, group)
        self.conv = GroupConv(
            group,
            conv.into,
            conv.out,
            conv.side,
            lifting=conv.lifting,
            padding=tuple(step * (conv.side // 2) for step in dilation),
            dilation=dilation,
            bias=False,  # the normalisation has one
            generator=generator,
        )
        self.norm = GroupBatchNorm(conv.out, group.order)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, ...)` to the same sides."""
        normed: Tensor = self.norm(self.conv(x))
        return normed


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut.

    Args:
        domain: of the samples.
        group: the point group.
        convs: the two, and that of the shortcut where it has one.
        generator: source of the initial weights.
    """

    def __init__(
        self,
        domain: Domain,
        group: PointGroup,
        convs: Sequence[Conv],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        first, second, *others = (NormedConv(domain, group, conv, generator) for conv in convs)
        self.first, self.second = first, second
        self.shortcut = others[0] if others else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, ...)` to the same sides."""
        inner = self.second(torch.relu(self.first(x)))
        return torch.relu(inner + self.shortcut(x))


def make_backbone(
    architecture: CNNArchitecture, groups: PointGroup | GroupChain, generator: torch.Generator
) -> nn.Sequential:
    """Make the convolutions, with activations and pooling between them.

    Args:
        architecture: its domain, `backbone` and widths.
        groups: the point group, or that of each level of a pyramid.
        generator: source of the initial weights.
    """
    chain = chain_of(groups)
    convs, domain = architecture.convs(chain), architecture.domain
    if architecture.backbone == "pyramid":
        return nn.Sequential(*_pyramid(architecture, chain, convs, generator))
    group = chain.whole
    if architecture.backbone == "residual":
        return nn.Sequential(
            NormedConv(domain, group, convs[0], generator),
            nn.ReLU(),
            ResidualBlock(domain, group, convs[1:3], generator),
            SpatialPool(group.circular),
            ResidualBlock(domain, group, convs[3:6], generator),
            SpatialPool(group.circular),
            ResidualBlock(domain, group, convs[6:8], generator),
        )
    layers: list[nn.Module] = []
    for number, conv in enumerate(convs):
        layers += [NormedConv(domain, group, conv, generator), nn.ReLU()]
        if number < 2:
            layers.append(SpatialPool(group.circular))
    return nn.Sequential(*layers)


def _pyramid(
    architecture: CNNArchitecture,
    chain: GroupChain,
    convs: Sequence[Conv],
    generator: torch.Generator,
) -> list[nn.Module]:
    domain, start = architecture.domain, convs[0].halvings
    group = chain.at(start)
    layers: list[nn.Module] = [SpatialPool(group.circular, mean=True) for _ in range(start)]
    layers += [NormedConv(domain, group, convs[0], generator), nn.ReLU()]
    for level, block in groupby(convs[1:], lambda conv: conv.halvings):
        layers += _restriction(group, chain.at(level), level - 1)
        group = chain.at(level)
        layers += [
            SpatialPool(group.circular),
            ResidualBlock(domain, group, list(block), generator),
        ]
    return layers + _restriction(group, chain.whole, architecture.levels[-1])


def _restriction(group: PointGroup, smaller: PointGroup, level: int) -> list[nn.Module]:
    """The step from a level's group to the next.

    Axes that are no longer circular were not pooled so far: here they are, as often as the others.
    """
    if smaller == group:
        return []
    kept = set(range(group.dimensions)) - (set(group.circular) - set(smaller.circular))
    pools = [] if len(kept) == group.dimensions else [SpatialPool(kept) for _ in range(level)]
    return [Restriction(group, smaller), *pools]
