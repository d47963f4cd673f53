"""The convolutional part of a group CNN."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import torch
from torch import Tensor, nn

from autoequivariant.groups.domain import Domain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.architecture import CNNArchitecture, Conv
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.nn.layers.group_layers import GroupBatchNorm, SpatialPool


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
    architecture: CNNArchitecture, group: PointGroup, generator: torch.Generator
) -> nn.Sequential:
    """Make the convolutions, with activations and pooling between them.

    Args:
        architecture: its domain, `backbone` and widths.
        group: the point group.
        generator: source of the initial weights.
    """
    convs, domain = architecture.convs(group), architecture.domain
    layers: list[nn.Module]
    if architecture.backbone == "pyramid":
        averages = [SpatialPool(group.circular, mean=True) for _ in range(convs[0].halvings)]
        layers = [*averages, NormedConv(domain, group, convs[0], generator), nn.ReLU()]
        for _, block in groupby(convs[1:], lambda conv: conv.halvings):
            layers += [
                SpatialPool(group.circular),
                ResidualBlock(domain, group, list(block), generator),
            ]
        return nn.Sequential(*layers)
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
    layers = []
    for number, conv in enumerate(convs):
        layers += [NormedConv(domain, group, conv, generator), nn.ReLU()]
        if number < 2:
            layers.append(SpatialPool(group.circular))
    return nn.Sequential(*layers)
