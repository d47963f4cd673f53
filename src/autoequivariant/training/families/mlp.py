"""Multi-equivariant MLPs, as a search sees them: many are trained together as one batched model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.lattice import Enumeration, Lattice
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP, bytes_per_child
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.mlp.sharing_maps import sharing_maps
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.loop import CLASSIFICATION, Training, scores, train
from autoequivariant.training.pruning import Pruning
from autoequivariant.training.scaling import InputScaling
from autoequivariant.training.tasks import Task
from autoequivariant.training.workers import OnStep

MOST_TOGETHER = 256
_CPU_DENSE_BYTES = (
    2**25
)  # dense weights of the children trained together on a CPU; more is not faster


@dataclass(frozen=True)
class MLPTrainer:
    """Trains networks of one architecture on one split and scores them on another.

    Attributes:
        architecture: what all children have in common, but for their width.
        task: what is asked of them.
        scales: how each network scales samples and targets.
        fit, score: samples, shape `(n, c)`, and targets to train and to score on, each value
            normalised on its own (`InputScaling.prepared`).
        training: epochs, batch size, learning rate.
        seed: the run's seed.
        device: where to train.
    """

    architecture: MLPArchitecture
    task: Task
    scales: InputScaling
    fit: tuple[Tensor, Tensor]
    score: tuple[Tensor, Tensor]
    training: Training
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.training.epochs * -(-len(self.fit[0]) // self.training.batch_size)

    def trained(self, children: Sequence[Child], replicate: int, on_step: OnStep) -> BatchedMLP:
        """Return children of one width as one model, after training."""
        architecture = self.architecture.with_channels(children[0].width)
        model = BatchedMLP(
            architecture,
            [architecture.sharings(child.generators) for child in children],
            [(self.seed, replicate, len(child.members), *child.members) for child in children],
            self.device,
            *self.scales.scalings([child.members for child in children], self.device),
        )
        order = int(np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0])
        counted = partial(on_step, len(children))
        train(model, *self.fit, self.training, order, counted, self.task)
        return model

    def scored(self, model: BatchedMLP) -> NDArray[Any]:
        """Return how well each child does on each sample, shape `(b, n)`."""
        return scores(model, *self.score, self.task).numpy()

    def evaluations(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train children of one width together and score them; none is given up on the way."""
        start = time.perf_counter()
        model = self.trained(children, replicate, on_step)
        rows = self.scored(model)
        seconds = (time.perf_counter() - start) / len(children)
        counts = model.n_parameters_per_child
        return [Evaluation(row, n, seconds) for row, n in zip(rows, counts, strict=True)]

    def finished(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """Train children of one width together, score them, and hand them over one by one."""
        batched = self.trained(children, replicate, on_step)
        rows = zip(children, self.scored(batched), batched.n_parameters_per_child, strict=True)
        found = []
        for number, (child, row, count) in enumerate(rows):
            inputs = self.scales.of_inputs(child.members)
            outputs = self.scales.of_outputs(child.members)
            model = EquivariantMLP(
                batched.architecture, child.generators, inputs.mean, inputs.scale
            )
            model.adopt(batched.child_weights(number))
            if outputs is not None:
                model.rescale(outputs.mean, outputs.scale)
            found.append(TrainedNetwork(model, row, count))
        return found


class MLPFamily:
    """All MLPs of an architecture.

    A width that is not the architecture's own is only for networks that are, with it, no larger
    than the plain network: sharing pays for width.

    Args:
        architecture: what they have in common; its number of channels is their own width.
        task: what is asked of them. Default: a class.
    """

    name = "mlp"
    width_name = "channels"
    simplest = "the one with the fewest weights"
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
    def names(self) -> tuple[str, ...]:
        """The candidates by name."""
        return tuple(map(str, self.candidates))

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

    def simplicity(self, child: Child) -> tuple[int, ...]:
        """Its weights: what shares more needs fewer."""
        return (self.count_parameters(child.generators, child.width),)

    def baseline_width(self, width: int) -> int:
        """The architecture's own, whatever the width: wider plain networks are not searched."""
        return self.default_width

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return about how much memory a child takes while it trains."""
        return bytes_per_child(self.architecture.with_channels(width), batch_size)

    def at_once(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
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
        scales = InputScaling.of(self.architecture, self.task, fit)
        return MLPTrainer(
            self.architecture,
            self.task,
            scales,
            scales.prepared(fit, device),
            scales.prepared(score, device),
            training,
            seed,
            device,
        )

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Return pictures of every layer between single channels."""
        outputs = "targets" if self.task.name == "regression" else "classes"
        return sharing_maps(self.architecture, child.generators, outputs)
