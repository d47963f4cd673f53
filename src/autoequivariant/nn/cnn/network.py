"""The group CNN: invariant to a point group, whatever the size of the images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.claimed_symmetries import ClaimedSymmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.backbone import make_backbone
from autoequivariant.nn.cnn.dense import dense_backbone
from autoequivariant.nn.equivariance import Units
from autoequivariant.nn.export.dense import final_linear, normalise
from autoequivariant.nn.export.torch_modules import GroupMax
from autoequivariant.nn.layers.group_layers import GroupDropout2d, InvariantHead
from autoequivariant.nn.network import Network


class EquivariantCNN(Network):
    """Group convolutions with batch normalisation and ReLU between them, pooling, and an invariant
    final layer.

    Args:
        architecture: the images, the backbone and the width.
        group: the point group to which the network is invariant.
        mean, scale: as in `Network`, one number for each input channel.
        generator: source of the initial weights. Default: a new one with seed 0.

    Raises:
        SettingsError: the group exchanges rows and columns, and the images are not square.
    """

    kind = "cnn"

    def __init__(
        self,
        architecture: CNNArchitecture,
        group: PointGroup,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(architecture.in_channels, mean, scale)
        if group.needs_square and architecture.grid.height != architecture.grid.width:
            raise SettingsError(
                f"{group} exchanges rows and columns, so images must be square; got "
                f"{architecture.grid}: use rot180, hflip or vflip."
            )
        self.architecture, self.group = architecture, group
        source = torch.Generator().manual_seed(0) if generator is None else generator
        self.backbone = make_backbone(architecture, group, source)
        self.dropout = GroupDropout2d(group.order, architecture.dropout, source)
        self.head = InvariantHead(
            architecture.convs(group)[-1].out, group.order, architecture.classes, source
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape `(n, classes)`, or the components of the target."""
        images = x.reshape(len(x), -1, *self.architecture.grid.shape).to(self.mean.dtype)
        normed = (images - self.mean[:, None, None]) / self.scale[:, None, None]
        outputs: Tensor = self.head(self.dropout(self.backbone(normed)))
        return self.rescaled(outputs)

    def to_json(self) -> dict[str, Any]:
        """See `CNNDescription.read`."""
        architecture = self.architecture
        return {
            "domain": str(architecture.grid),
            "in_channels": architecture.in_channels,
            "backbone": architecture.backbone,
            "width": architecture.width,
            "dropout": architecture.dropout,
            "generators": list(self.group.generators),
        }

    def claims(self, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
        """Return the group's elements; `others` are measured, too."""
        grid, group = self.architecture.grid, self.group
        inputs = {name: group.action(name, grid) for name in group.members}
        inputs |= {str(s): s.action(grid) for s in others if str(s) not in inputs}
        return ClaimedSymmetries(group.members, inputs, None, False, Units.of(self))

    def dense_layers(self) -> list[nn.Module]:
        """See `Network`."""
        grid, order = self.architecture.grid, self.group.order
        return [
            normalise(self, self.architecture.in_channels, 2),
            *dense_backbone(self.backbone, (grid.height, grid.width))[0],
            *([] if order == 1 else [GroupMax(order)]),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            final_linear(self, self.head.weight, self.head.bias),
        ]
