"""The family of equivariant MLPs of one architecture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
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
from autoequivariant.training.families.mlp.recipe import PAIRS_EPOCHS, SHARING, recipe
from autoequivariant.training.families.mlp.scaling import NetworkScaling
from autoequivariant.training.families.mlp.trainer import MLPTrainer
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import CLASSIFICATION, Task
from autoequivariant.training.variant import (
    LESS_DECAY,
    LONGER,
    MORE_DECAY,
    TWICE_AS_WIDE,
    Variant,
)

MOST_TOGETHER = 256
_CPU_DENSE_BYTES = 2**25
"""Size of the dense weights of children trained together on a CPU; more is no faster."""
_GPU_BYTES_PER_ENTRY = 40
"""Of the tables of `OrbitSums` and what they gather, of a dense weight."""
_STEP_SECONDS, _ENTRY_SECONDS = 7e-4, 1e-10


class MLPFamily(Family):
    """All MLPs of an architecture.

    A network is wider than the default only if it has no more parameters than the baseline: weight
    sharing pays for the width.

    Args:
        architecture: of all networks; its number of channels is the default width.
        task: loss and score. Default: classification.
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
        """The architecture's number of channels."""
        return self.architecture.hidden_channels[0]

    @property
    def is_invariant(self) -> bool:
        """Whether the final layer pools, which makes whole networks invariant."""
        return self.architecture.final == "invariant"

    @property
    def numbers_per_value(self) -> int:
        """Number of segments of the range of a value of pairs; 1 of others."""
        expansion = self.architecture.expansion
        return 1 if expansion is None else expansion.segments

    @property
    def coded_columns(self) -> int:
        """Number of columns with a unit for each of their values."""
        coding = self.architecture.coding
        return 0 if coding is None else int(coding.is_coded.sum())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the actions break law 4, if the user chose such layers."""
        return self.architecture.actions.warnings

    def full(self, training: Training, n_samples: int) -> Training:
        """Return a training of as many epochs by the recipe; of pairs, of more."""
        if self.architecture.actions.domains[0].kind == "pairs":
            training = replace(training, epochs=PAIRS_EPOCHS * training.epochs)
        return recipe(training, self.task, n_samples)

    def recipe_for(self, child: Child) -> Variant:
        """Return how a network is fitted at first: wider, with less decay, if it shares weights.

        So it is as long as it then has no more parameters than the baseline.
        """
        wide = SHARING.width(child.width)
        largest = self.count_parameters((), self.default_width)
        return SHARING if self.count_parameters(child.generators, wide) <= largest else Variant()

    def nominal_seconds(self, child: Child, training: Training, n_samples: int) -> float:
        """Return the seconds that a step and its multiplications take on one core of 2020."""
        units = self.architecture.with_channels(child.width).widths
        entries = sum(a * b for a, b in zip(units, units[1:], strict=False))
        each = _STEP_SECONDS + _ENTRY_SECONDS * entries * training.batch_size
        return training.epochs * math.ceil(n_samples / training.batch_size) * each

    @property
    def moves(self) -> tuple[Variant, ...]:
        """Longer, wider, and with another decay."""
        return LONGER, TWICE_AS_WIDE, MORE_DECAY, LESS_DECAY

    def summary(self, widths: Sequence[int]) -> str:
        """Return the shapes, the channels and the final layer."""
        shapes = " -> ".join(str(domain) for domain in self.architecture.actions.domains)
        channels = ", ".join(map(str, widths))
        unit = "channel" if tuple(widths) == (1,) else "channels"
        coded = f", {self.coded_columns} one-hot" if self.coded_columns else ""
        return f"MLPs, {shapes}{coded}, {channels} {unit}, {self.architecture.final} final layer"

    def identity(self) -> dict[str, Any]:
        """Return the shapes, the channels and the final layer."""
        return {
            "layers": [str(domain) for domain in self.architecture.actions.domains[1:]],
            "channels": list(self.architecture.hidden_channels),
            "final": self.architecture.final,
        }

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return every candidate that the state's network has."""
        return self.lattice.closure(state)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the closed states, breadth first."""
        return self.lattice.closed_states(limit, excluded)

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """See `Lattice.smallest_generators`."""
        return self.lattice.smallest_generators(members, limit)

    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """Return the number of trainable parameters; orbits are counted once for all widths."""
        if generators not in self._counts:
            self._counts[generators] = self.architecture.orbit_counts(generators)
        return self.architecture.with_channels(width).count_from_orbits(self._counts[generators])

    def allows_width(self, generators: tuple[int, ...], width: int) -> bool:
        """Whether the network is no wider than the default, or no larger than the baseline."""
        if width <= self.default_width:
            return True
        return self.count_parameters(generators, width) <= self.count_parameters(
            (), self.default_width
        )

    @property
    def trains_together(self) -> bool:
        """Yes (`BatchedMLP`)."""
        return True

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return the approximate memory that a child needs while it trains."""
        return bytes_per_child(self.architecture.with_channels(width), batch_size)

    def max_together(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
        """Return how many children to train together within `memory` bytes, at least 1."""
        units = self.architecture.with_channels(width).widths
        entries = sum(a * b for a, b in zip(units, units[1:], strict=False))
        needed = self.bytes_per_child(width, batch_size)
        if device.type == "cpu":
            fitting = min(memory // needed, _CPU_DENSE_BYTES // (4 * entries))
        else:
            fitting = memory // (needed + _GPU_BYTES_PER_ENTRY * entries)
        return int(max(1, min(fitting, MOST_TOGETHER)))

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> MLPTrainer:
        """Return a trainer; each network scales samples as its symmetries allow."""
        scaling = NetworkScaling.measure(self.architecture, self.task, fit)
        return MLPTrainer(
            self.architecture,
            self.task,
            scaling,
            scaling.normalised(fit, device),
            scaling.normalised(score, device),
            training,
            seed,
            device,
        )

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Return which weights each layer shares, between single channels."""
        outputs = "targets" if self.task.name == "regression" else "classes"
        return sharing_maps(self.architecture, child.generators, outputs)
