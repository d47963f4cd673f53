"""The convolutional part of a group CNN."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.cnn.architecture import CNNArchitecture, Conv
from autoequivariant.nn.layers.group_conv import GroupConv2d
from autoequivariant.nn.layers.group_layers import GroupBatchNorm2d, SpatialPool2d


class NormedConv(nn.Module):
    """A convolution that keeps the size of the image, and batch normalisation.

    Args:
        group: the point group.
        conv: its sizes.
        generator: source of the initial weights.
    """

    def __init__(self, group: PointGroup, conv: Conv, generator: torch.Generator) -> None:
        super().__init__()
        self.conv = GroupConv2d(
            group,
            conv.into,
            conv.out,
            conv.side,
            lifting=conv.lifting,
            padding=conv.side // 2,
            bias=False,  # the normalisation has one
            generator=generator,
        )
        self.norm = GroupBatchNorm2d(conv.out, group.order)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, height, width)` to the same height and width."""
        normed: Tensor = self.norm(self.conv(x))
        return normed


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut.

    Args:
        group: the point group.
        convs: the two, and that of the shortcut where it has one.
        generator: source of the initial weights.
    """

    def __init__(
        self, group: PointGroup, convs: Sequence[Conv], generator: torch.Generator
    ) -> None:
        super().__init__()
        first, second, *others = (NormedConv(group, conv, generator) for conv in convs)
        self.first, self.second = first, second
        self.shortcut = others[0] if others else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, height, width)` to the same height and width."""
        inner = self.second(torch.relu(self.first(x)))
        return torch.relu(inner + self.shortcut(x))


def make_backbone(
    architecture: CNNArchitecture, group: PointGroup, generator: torch.Generator
) -> nn.Sequential:
    """Make the convolutions, with activations and pooling between them.

    Args:
        architecture: its `backbone` and widths.
        group: the point group.
        generator: source of the initial weights.
    """
    convs = architecture.convs(group)
    if architecture.backbone == "residual":
        return nn.Sequential(
            NormedConv(group, convs[0], generator),
            nn.ReLU(),
            ResidualBlock(group, convs[1:3], generator),
            SpatialPool2d(),
            ResidualBlock(group, convs[3:6], generator),
            SpatialPool2d(),
            ResidualBlock(group, convs[6:8], generator),
        )
    layers: list[nn.Module] = []
    for number, conv in enumerate(convs):
        layers += [NormedConv(group, conv, generator), nn.ReLU()]
        if number < 2:
            layers.append(SpatialPool2d())
    return nn.Sequential(*layers)
