"""Trains equivariant MLPs: children of one width as one batched model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.nn.layers.sharing import LayerSharing
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.training.checkpoint import NO_CHECKPOINT, Checkpoint
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.families.family import TrainedNetwork, Trainer
from autoequivariant.training.families.mlp.scaling import NetworkScaling
from autoequivariant.training.loop import Training, scores, scores_and_losses, train
from autoequivariant.training.pruning import Pruning
from autoequivariant.training.tasks import Task

_THREADS = 4  # more get in each other's way


@dataclass(frozen=True)
class MLPTrainer(Trainer):
    """Trains networks of one architecture on one split and scores them on another.

    Attributes:
        architecture: of all children, except for the width.
        task: loss and score.
        scaling: how each network scales samples and targets.
        fit, score: samples, shape `(n, c)`, and targets to train and to score on, each value
            normalised on its own (`NetworkScaling.normalised`).
        training: epochs, batch size, learning rate.
        seed: the run's seed.
        device: where to train.
    """

    architecture: MLPArchitecture
    task: Task
    scaling: NetworkScaling
    fit: tuple[Tensor, Tensor]
    score: tuple[Tensor, Tensor]
    training: Training
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """Training steps of one child."""
        return self.training.epochs * -(-len(self.fit[0]) // self.training.batch_size)

    def train_batch(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: OnStep,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> BatchedMLP:
        """Return children of one width as one trained model."""
        architecture = self.architecture.with_channels(children[0].width)
        model = BatchedMLP(
            architecture,
            self._sharings(architecture, children),
            [(self.seed, replicate, len(child.members), *child.members) for child in children],
            self.device,
            *self.scaling.corrections([child.members for child in children], self.device),
        )
        order = int(np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0])

        def counted(steps: int) -> None:
            on_step(steps * len(children))

        train(model, *self.fit, self.training, order, counted, self.task, checkpoint)
        return model

    def _sharings(
        self, architecture: MLPArchitecture, children: Sequence[Child]
    ) -> list[tuple[LayerSharing, ...]]:
        generators = [child.generators for child in children]
        if self.device.type == "cpu":
            return list(map(architecture.sharings, generators))
        # A GPU trains so many at a time that it would wait for these.
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(partial(architecture.sharings, shortcuts=False), generators))

    def score_batch(self, model: BatchedMLP) -> NDArray[Any]:
        """Return the score of each child on each sample, shape `(b, n)`."""
        return scores(model, *self.score, self.task).numpy()

    def evaluate(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train children of one width together and score them; none is pruned."""
        start = time.perf_counter()
        checkpoint = self._checkpoint(replicate, children)
        model = self.train_batch(children, replicate, on_step, checkpoint)
        rows, losses = scores_and_losses(model, *self.score, self.task)
        seconds = (checkpoint.seconds + time.perf_counter() - start) / len(children)
        counts = model.n_parameters_per_child
        # The scores of the search are not compared by loss.
        kept = [None] * len(rows) if losses is None or not replicate else list(losses.numpy())
        return [
            Evaluation(row, n, seconds, losses=loss)
            for row, n, loss in zip(rows.numpy(), counts, kept, strict=True)
        ]

    def train(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """Train children of one width together, score them and return a network for each."""
        checkpoint = self._checkpoint(replicate, children)
        batched = self.train_batch(children, replicate, on_step, checkpoint)
        rows = zip(children, self.score_batch(batched), batched.n_parameters_per_child, strict=True)
        networks = []
        for number, (child, row, count) in enumerate(rows):
            inputs = self.scaling.input_normalisation(child.members)
            outputs = self.scaling.output_normalisation(child.members)
            model = EquivariantMLP(
                batched.architecture, child.generators, inputs.mean, inputs.scale
            )
            model.adopt(batched.child_weights(number))
            if outputs is not None:
                model.rescale(outputs.mean, outputs.scale)
            networks.append(TrainedNetwork(model, row, count, checkpoint.seconds, checkpoint.share))
        return networks

    def _checkpoint(self, replicate: int, children: Sequence[Child]) -> Checkpoint:
        return self.training.checkpoint(replicate, children, self.seed, len(self.fit[0]))
