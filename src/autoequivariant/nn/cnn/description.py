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
from autoequivariant.groups.point_group.chain import GroupChain
from autoequivariant.jsonio import to_type
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_enough
from autoequivariant.nn.network import Channels, NetworkDescription

MOST_GENERATORS = 64
"""Six elements generate any group of 96 elements, and each axis has one shift; a chain of seven
groups, one in the next, has up to as many for each.
"""


class _Fields(Struct, frozen=True, forbid_unknown_fields=True):
    domain: str
    in_channels: Channels
    backbone: str
    width: Channels
    dropout: Annotated[float, Meta(ge=0, lt=1)]
    generators: Annotated[tuple[str | dict[str, Any], ...], Meta(max_length=MOST_GENERATORS)]


@dataclass(frozen=True)
class CNNDescription(NetworkDescription):
    """A group CNN before it is made: its architecture and the group of each level."""

    architecture: CNNArchitecture
    chain: GroupChain

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
        levels = architecture.levels
        if any(one.level is not None and one.level not in levels for one in symmetries):
            raise ModelError(
                f"a generator has a level that it lacks; they are {', '.join(map(str, levels))}"
            )
        return cls(architecture, GroupChain.generated(symmetries, domain, channels, count))

    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        """See `NetworkDescription`."""
        needed = self.architecture.count_parameters(self.chain)
        check_enough(sum(spec.size for spec in found.values()), needed)

    def build(self) -> EquivariantCNN:
        """See `NetworkDescription`."""
        return EquivariantCNN(self.architecture, self.chain)
