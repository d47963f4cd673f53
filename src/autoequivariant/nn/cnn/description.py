"""A group CNN as `model.json` describes it, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from autoequivariant.errors import ModelError
from autoequivariant.groups.domain import Domain, Grid, parse_domain
from autoequivariant.groups.point_group import POINT_SYMMETRIES, PointGroup
from autoequivariant.jsonio import to_type
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_enough
from autoequivariant.nn.network import Channels, NetworkDescription


class _Fields(Struct, frozen=True, forbid_unknown_fields=True):
    domain: str
    in_channels: Channels
    backbone: str
    width: Channels
    dropout: Annotated[float, Meta(ge=0, lt=1)]
    generators: Annotated[tuple[str, ...], Meta(max_length=len(POINT_SYMMETRIES))]


@dataclass(frozen=True)
class CNNDescription(NetworkDescription):
    """A group CNN before it is made: its architecture and its group."""

    architecture: CNNArchitecture
    group: PointGroup

    @property
    def domain(self) -> Domain:
        """The domain of the images."""
        return self.architecture.grid

    @property
    def in_channels(self) -> int:
        """Channels of the images."""
        return self.architecture.in_channels

    @classmethod
    def read(cls, fields: dict[str, Any], outputs: tuple[str, ...], has_classes: bool) -> Self:
        """See `NetworkDescription`."""
        found = to_type(fields, _Fields, "model.json")
        grid = parse_domain(found.domain)
        if not isinstance(grid, Grid):
            raise ModelError(f"its domain must be that of images; got {grid}")
        architecture = CNNArchitecture(
            found.in_channels, grid, len(outputs), found.backbone, found.width, found.dropout
        )
        if len(set(found.generators)) < len(found.generators):
            raise ModelError("two of its generators are the same")
        return cls(architecture, PointGroup(found.generators))

    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        """See `NetworkDescription`."""
        needed = self.architecture.count_parameters(self.group)
        check_enough(sum(spec.size for spec in found.values()), needed)

    def build(self) -> EquivariantCNN:
        """See `NetworkDescription`."""
        return EquivariantCNN(self.architecture, self.group)
