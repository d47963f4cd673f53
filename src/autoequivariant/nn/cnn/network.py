"""The group CNN: equivariant to a point group, whatever the size of the samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.chain import GroupChain, chain_of
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.moves import move_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.claimed_symmetries import ClaimedSymmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.backbone import ResidualBlock, make_backbone
from autoequivariant.nn.cnn.dense import MEAN_POOLS, dense_backbone
from autoequivariant.nn.equivariance import Units
from autoequivariant.nn.export.dense import final_linear, normalise
from autoequivariant.nn.export.torch_modules import GroupMax
from autoequivariant.nn.layers.group_layers import GroupDropout, GroupHead
from autoequivariant.nn.network import Network


class EquivariantCNN(Network):
    """Group convolutions with batch normalisation and ReLU between them, pooling, and a final layer
    that is invariant, or moves its outputs as the group does.

    Shifts along circular axes (`PointGroup.circular`) leave the outputs in place exactly. Shifts
    along other axes change them a little: pools and what lies beyond the border see a shift.

    Args:
        architecture: the samples, the backbone and the width.
        groups: the point group to which the network is equivariant; or the group of each level,
            and the outputs have that of the head alone.
        mean, scale: as in `Network`, one number for each input channel. Channels that the group
            exchanges must share them, and the mean of channels that it negates must be 0
            (`groups.scale_classes`); likewise the outputs' in `rescale`.
        generator: source of the initial weights. Default: a new one with seed 0.

    Raises:
        SettingsError: the group does not fit the samples.
        SymmetryError: it moves another number of outputs.
    """

    kind = "cnn"

    def __init__(
        self,
        architecture: CNNArchitecture,
        groups: PointGroup | GroupChain,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(architecture.in_channels, mean, scale)
        shape, chain = architecture.domain.shape, chain_of(groups)
        if chain.first.dimensions != len(shape) or not chain.first.fits(shape):
            raise SettingsError(
                f"{chain} exchanges axes whose sides differ, or that {architecture.domain} does "
                "not have: use symmetries that are defined there."
            )
        group = chain.whole
        self.architecture, self.chain, self.group = architecture, chain, group
        source = torch.Generator().manual_seed(0) if generator is None else generator
        self.backbone = make_backbone(architecture, chain, source)
        self.dropout = GroupDropout(group.order, architecture.dropout, source)
        channels = architecture.head_channels(chain)
        self.head = GroupHead(channels, group, architecture.classes, source)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape `(n, classes)`, or the components of the target."""
        outputs: Tensor = self.head(self.dropout(self.backbone(self._normalised(x))))
        return self.rescaled(outputs)

    def _normalised(self, x: Tensor) -> Tensor:
        shape = self.architecture.domain.shape
        samples = x.reshape(len(x), -1, *shape).to(self.mean.dtype)
        mean, scale = (part.view(-1, *[1] * len(shape)) for part in (self.mean, self.scale))
        return (samples - mean) / scale

    def features(self, x: Tensor, level: int) -> Tensor:
        """Return the feature maps of a level, which move as samples do under `chain.at(level)`.

        Args:
            x: samples, as of `forward`.
            level: one of the architecture's levels (of a pyramid).
        """
        blocks = [n for n, part in enumerate(self.backbone) if isinstance(part, ResidualBlock)]
        first = next(n for n, part in enumerate(self.backbone) if isinstance(part, nn.ReLU))
        start = self.architecture.levels[0]
        last = [first, *blocks][level - start]
        maps: Tensor = self.backbone[: last + 1](self._normalised(x))
        return maps

    def to_json(self) -> dict[str, Any]:
        """See `CNNDescription.read`."""
        architecture = self.architecture
        return {
            "domain": str(architecture.domain),
            "in_channels": architecture.in_channels,
            "backbone": architecture.backbone,
            "width": architecture.width,
            "dropout": architecture.dropout,
            "generators": [symmetry.to_json() for symmetry in self.chain.generating_symmetries],
        }

    def claims(self, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
        """Return the group's elements by name; `others` are measured, too, unless partial."""
        group, architecture = self.group, self.architecture
        channels, count = architecture.in_channels, architecture.classes
        shifts = group.generating_symmetries[len(group.generators) :]
        own = {str(symmetry): symmetry for symmetry in (*group.symmetries.values(), *shifts)}
        whole = {str(symmetry): symmetry for symmetry in others if symmetry.level is None}
        every = own | {name: symmetry for name, symmetry in whole.items() if name not in own}
        moves = {name: symmetry.output_action(count) for name, symmetry in every.items()}
        outputs = {name: move or Permutation.identity(count) for name, move in moves.items()}
        return ClaimedSymmetries(
            tuple(name for name in every if name in own or self._has(every[name])),
            {name: _on_samples(s, architecture.domain, channels) for name, s in every.items()},
            outputs if any(moves.values()) else None,
            False,
            Units.of(self),
        )

    def _has(self, symmetry: Symmetry) -> bool:
        architecture = self.architecture
        try:
            move = move_of(
                symmetry, architecture.domain, architecture.in_channels, architecture.classes
            )
        except SymmetryError:
            return False
        return move in self.group

    def dense_layers(self) -> list[nn.Module]:
        """See `Network`."""
        architecture, stable = self.architecture, self.group.stable_order
        shape = architecture.domain.shape
        return [
            normalise(self, architecture.in_channels, shape),
            *dense_backbone(self.backbone, shape)[0],
            *([] if stable == 1 else [GroupMax(stable)]),
            MEAN_POOLS[len(shape) - 1](1),
            nn.Flatten(),
            final_linear(self, self.head.dense_weight(), self.head.dense_bias()),
        ]


def _on_samples(symmetry: Symmetry, domain: Domain, channels: int) -> Permutation:
    """The action on indices or, where channels move, on all pairs (channel, index)."""
    move, action = symmetry.channel_action(channels), symmetry.action(domain)
    return action if move is None else Permutation.kron(move, action)
