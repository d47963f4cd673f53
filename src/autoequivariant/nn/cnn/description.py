"""A group CNN as its description says it, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from autoequivariant.errors import ModelError
from autoequivariant.groups.domain import Domain, Grid, parse_domain
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.jsonio import Fields
from autoequivariant.nn.cnn.architecture import BACKBONES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.tensor_header import TensorForm, refuse_misfits
from autoequivariant.nn.mlp.description import MOST_CHANNELS, MOST_INDICES


@dataclass(frozen=True)
class CNNDescription:
    """A group CNN before it is made: its architecture and its group."""

    architecture: CNNArchitecture
    group: PointGroup

    @property
    def domain(self) -> Domain:
        """The pictures."""
        return self.architecture.grid

    @property
    def in_channels(self) -> int:
        """Channels of the pictures."""
        return self.architecture.in_channels

    @classmethod
    def of(cls, model: EquivariantCNN) -> CNNDescription:
        """Return the plan of a network."""
        return cls(model.architecture, model.group)

    @classmethod
    def read(cls, fields: Fields, outputs: tuple[str, ...], has_classes: bool) -> CNNDescription:
        """Read what `to_json` wrote; arguments are as in `MLPDescription.read`.

        Raises:
            AutoequivariantError: a field is missing, of another type or out of range.
        """
        grid = parse_domain(fields.text("domain"))
        if not isinstance(grid, Grid):
            raise ModelError(f"its domain is {grid}, not one of pictures")
        if grid.size > MOST_INDICES:
            raise ModelError(f"its pictures have {grid.size:,} pixels, more than {MOST_INDICES:,}")
        architecture = CNNArchitecture(
            fields.whole("in_channels", 1, MOST_CHANNELS),
            grid,
            len(outputs),
            fields.choice("backbone", BACKBONES),
            fields.whole("width", 1, MOST_CHANNELS),
            fields.share("dropout"),
        )
        return cls(architecture, PointGroup(fields.texts("generators")))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "network": "cnn",
            "domain": str(self.architecture.grid),
            "in_channels": self.in_channels,
            "backbone": self.architecture.backbone,
            "width": self.architecture.width,
            "dropout": self.architecture.dropout,
            "generators": list(self.group.generators),
        }

    def refuse(self, found: Mapping[str, TensorForm], others: Mapping[str, TensorForm]) -> None:
        """Refuse tensors that are not this network's; arguments are as in `MLPDescription.refuse`.

        Raises:
            ModelError: names the first that does not fit.
        """
        wanted = self.architecture.count_parameters(self.group)
        there = sum(form.numbers for form in found.values())
        if wanted > there:  # or else the file is as large as what is made now
            raise ModelError(
                f"its weights do not fit model.json: {there:,} numbers, too few for {wanted:,}"
            )
        with torch.device("meta"):  # shapes without values
            empty = self.build()
        forms = {name: TensorForm.of(t) for name, t in empty.state_dict().items()}
        refuse_misfits(found, {**forms, **others})

    def build(self) -> EquivariantCNN:
        """Make the network; its weights are random."""
        source = torch.Generator().manual_seed(0)
        return EquivariantCNN(self.architecture, self.group, generator=source)
