"""The MLPs of one architecture, as a search sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.lattice import Enumeration, Lattice
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import bytes_per_child
from autoequivariant.nn.mlp.sharing_maps import sharing_maps
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.training.child import Child
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.mlp.scaling import NetworkScaling
from autoequivariant.training.families.mlp.trainer import MLPTrainer
from autoequivariant.training.loop import CLASSIFICATION, Training
from autoequivariant.training.tasks import Task

MOST_TOGETHER = 256
_CPU_DENSE_BYTES = 2**25
"""Dense weights of the children trained together on a CPU; more is no faster."""


class MLPFamily(Family):
    """All MLPs of an architecture.

    A width that is not the architecture's own is only for networks that are, with it, no larger
    than the plain network: sharing pays for width.

    Args:
        architecture: what they have in common; its number of channels is their own width.
        task: what is asked of them. Default: a class.
    """

    kind = "mlp"
    width_name = "channels"
    remedy = "smaller --layers or fewer --channels"

    def __init__(self, architecture: MLPArchitecture, task: Task = CLASSIFICATION) -> None:
        self.architecture = architecture
        self.task = task
        self.lattice = Lattice(architecture.actions)
        self._counts: dict[tuple[int, ...], tuple[tuple[int, int], ...]] = {}

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that a search switches on and off."""
        return self.architecture.actions.candidates

    @property
    def default_width(self) -> int:
        """The architecture's channels."""
        return self.architecture.hidden_channels[0]

    @property
    def is_invariant(self) -> bool:
        """Whether the final layer pools, so that whole networks are invariant."""
        return self.architecture.final == "invariant"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the actions break law 4, where that was asked for by name."""
        return self.architecture.actions.warnings

    def summary(self, widths: Sequence[int]) -> str:
        """Say the shapes, the channels and the final layer."""
        shapes = " -> ".join(str(domain) for domain in self.architecture.actions.domains)
        channels = ", ".join(map(str, widths))
        unit = "channel" if tuple(widths) == (1,) else "channels"
        return f"MLPs, {shapes}, {channels} {unit}, {self.architecture.final} final layer"

    def identity(self) -> dict[str, Any]:
        """Shapes, channels and final layer."""
        return {
            "layers": [str(domain) for domain in self.architecture.actions.domains[1:]],
            "channels": list(self.architecture.hidden_channels),
            "final": self.architecture.final,
        }

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Every candidate that the state's network already has."""
        return self.lattice.closure(state)

    def closed_states(self, limit: int) -> Enumeration:
        """The distinct networks, breadth first."""
        return self.lattice.closed_states(limit)

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """See `Lattice.smallest_generators`."""
        return self.lattice.smallest_generators(members, limit)

    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """Return the number of trainable numbers; orbits are counted once for all widths."""
        if generators not in self._counts:
            self._counts[generators] = self.architecture.orbit_counts(generators)
        return self.architecture.with_channels(width).count_from_orbits(self._counts[generators])

    def allows_width(self, generators: tuple[int, ...], width: int) -> bool:
        """Whether it is no wider than the architecture, or else no larger than plain."""
        if width <= self.default_width:
            return True
        return self.count_parameters(generators, width) <= self.count_parameters(
            (), self.default_width
        )

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return about how much memory a child takes while it trains."""
        return bytes_per_child(self.architecture.with_channels(width), batch_size)

    def max_together(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
        """Return how many children to train together within so many bytes; 1 at least."""
        fitting = memory // self.bytes_per_child(width, batch_size)
        if device.type == "cpu":
            units = self.architecture.with_channels(width).widths
            entries = sum(a * b for a, b in zip(units, units[1:], strict=False))
            fitting = min(fitting, _CPU_DENSE_BYTES // (4 * entries))
        return int(max(1, min(fitting, MOST_TOGETHER)))

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> MLPTrainer:
        """Return what trains children on `fit` and scores them on `score`."""
        scales = NetworkScaling.measure(self.architecture, self.task, fit)
        return MLPTrainer(
            self.architecture,
            self.task,
            scales,
            scales.normalised(fit, device),
            scales.normalised(score, device),
            training,
            seed,
            device,
        )

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Return pictures of every layer between single channels."""
        outputs = "targets" if self.task.name == "regression" else "classes"
        return sharing_maps(self.architecture, child.generators, outputs)
