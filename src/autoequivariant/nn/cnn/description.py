"""A group CNN as `model.json` describes it, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from autoequivariant.errors import ModelError, shown
from autoequivariant.groups.catalogue import CANDIDATE_LISTS
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.jsonio import to_type
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_enough
from autoequivariant.nn.network import Channels, NetworkDescription

MOST_GENERATORS = 10
"""Six elements generate any group of 96 elements, and each axis has one shift."""


class _Fields(Struct, frozen=True, forbid_unknown_fields=True):
    domain: str
    in_channels: Channels
    backbone: str
    width: Channels
    dropout: Annotated[float, Meta(ge=0, lt=1)]
    generators: Annotated[tuple[str | dict[str, Any], ...], Meta(max_length=MOST_GENERATORS)]


@dataclass(frozen=True)
class CNNDescription(NetworkDescription):
    """A group CNN before it is made: its architecture and its group."""

    architecture: CNNArchitecture
    group: PointGroup

    @property
    def domain(self) -> Domain:
        """The domain of the samples."""
        return self.architecture.domain

    @property
    def in_channels(self) -> int:
        """Channels of the samples."""
        return self.architecture.in_channels

    @classmethod
    def read(cls, fields: dict[str, Any], outputs: tuple[str, ...], has_classes: bool) -> Self:
        """See `NetworkDescription`."""
        found = to_type(fields, _Fields, "model.json")
        domain, channels, count = parse_domain(found.domain), found.in_channels, len(outputs)
        architecture = CNNArchitecture(
            channels, domain, count, found.backbone, found.width, found.dropout
        )
        for one in found.generators:
            if isinstance(one, str) and one.strip() in CANDIDATE_LISTS:  # it may name many
                raise ModelError(
                    f"its generators hold the list {shown(one)}, not single symmetries"
                )
        spec = DataSpec(domain, (), channels, outputs, has_classes)
        symmetries = resolve(map(candidate_of, found.generators), spec)
        if len(symmetries) < len(found.generators):
            raise ModelError("two of its generators are the same")
        return cls(architecture, PointGroup.of(symmetries, domain, channels, count))

    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        """See `NetworkDescription`."""
        needed = self.architecture.count_parameters(self.group)
        check_enough(sum(spec.size for spec in found.values()), needed)

    def build(self) -> EquivariantCNN:
        """See `NetworkDescription`."""
        return EquivariantCNN(self.architecture, self.group)
