"""The group CNN: invariant to a point group, whatever the size of the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.cnn.architecture import CNNArchitecture, Conv
from autoequivariant.nn.layers.group_conv import GroupConv2d
from autoequivariant.nn.layers.group_layers import (
    GroupBatchNorm2d,
    GroupDropout2d,
    InvariantHead,
    SpatialPool2d,
)
from autoequivariant.nn.mlp.network import rescaled


class EquivariantCNN(nn.Module):
    """Group convolutions with batch normalisation and ReLU between them, pooling, and an invariant
    final layer.

    Takes `(n, channels, height, width)` or `(n, channels * height * width)`; returns logits
    `(n, classes)`.

    Args:
        architecture: the pictures, the body and the width.
        group: the point group to which the network is invariant.
        mean, scale: what is subtracted from the input and by what it is then divided, one number
            for each input channel. Default: 0 and 1.
        generator: source of the initial weights. Default: a new one with seed 0.

    Raises:
        SettingsError: the group exchanges rows and columns, and the pictures are not square.
    """

    mean: Tensor
    scale: Tensor
    output_mean: Tensor | None
    output_scale: Tensor | None

    def __init__(
        self,
        architecture: CNNArchitecture,
        group: PointGroup,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if group.needs_square and architecture.grid.height != architecture.grid.width:
            raise SettingsError(
                f"{group} exchanges rows and columns, which pictures of {architecture.grid} do not "
                "allow: use rot180, hflip or vflip."
            )
        self.architecture, self.group = architecture, group
        channels = architecture.in_channels
        self.register_buffer("mean", torch.tensor([0.0] * channels if mean is None else list(mean)))
        self.register_buffer(
            "scale", torch.tensor([1.0] * channels if scale is None else list(scale))
        )
        self.register_buffer("output_mean", None)
        self.register_buffer("output_scale", None)
        source = torch.Generator().manual_seed(0) if generator is None else generator
        convs = architecture.convs(group)
        make = _paper_body if architecture.backbone == "paper" else _residual_body
        self.backbone = make(group, convs, source)
        self.dropout = GroupDropout2d(group.order, architecture.dropout, source)
        self.head = InvariantHead(
            convs[-1].out, group.order, architecture.classes, generator=source
        )

    @property
    def n_parameters(self) -> int:
        """Number of trainable numbers."""
        return sum(parameter.numel() for parameter in self.parameters())

    def rescale(self, mean: Sequence[float], scale: Sequence[float]) -> None:
        """Bring outputs to the scale of a target: `outputs * scale + mean`, one number for each."""
        self.output_mean = torch.tensor(list(mean), device=self.mean.device)
        self.output_scale = torch.tensor(list(scale), device=self.mean.device)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape `(n, classes)`, or the components of the target."""
        pictures = x.reshape(len(x), -1, *self.architecture.grid.shape).to(self.mean.dtype)
        normed = (pictures - self.mean[:, None, None]) / self.scale[:, None, None]
        outputs: Tensor = self.head(self.dropout(self.backbone(normed)))
        return rescaled(outputs, self.output_mean, self.output_scale)


class NormedConv(nn.Module):
    """A convolution that keeps the size of the picture, and batch normalisation.

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
        """Map `(n, maps, height, width)` to as many rows and columns."""
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
        self,
        group: PointGroup,
        convs: Sequence[Conv],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        first, second, *others = (NormedConv(group, conv, generator) for conv in convs)
        self.first, self.second = first, second
        self.shortcut = others[0] if others else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, maps, height, width)` to as many rows and columns."""
        inner = self.second(torch.relu(self.first(x)))
        return torch.relu(inner + self.shortcut(x))


def _paper_body(
    group: PointGroup, convs: Sequence[Conv], generator: torch.Generator
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for number, conv in enumerate(convs):
        layers += [NormedConv(group, conv, generator), nn.ReLU()]
        if number < 2:
            layers.append(SpatialPool2d())
    return nn.Sequential(*layers)


def _residual_body(
    group: PointGroup, convs: Sequence[Conv], generator: torch.Generator
) -> nn.Sequential:
    return nn.Sequential(
        NormedConv(group, convs[0], generator),
        nn.ReLU(),
        ResidualBlock(group, convs[1:3], generator),
        SpatialPool2d(),
        ResidualBlock(group, convs[3:6], generator),
        SpatialPool2d(),
        ResidualBlock(group, convs[6:8], generator),
    )
