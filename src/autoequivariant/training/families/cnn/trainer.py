"""Training group CNNs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.augmentation import Augmentation
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.graphs import gradients_of
from autoequivariant.training.checkpoint import Checkpoint
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.families.cnn.augmented import AugmentedSamples
from autoequivariant.training.families.cnn.recipe import Recipe
from autoequivariant.training.families.cnn.scaling import NetworkScaling
from autoequivariant.training.families.cnn.states import CNNStates
from autoequivariant.training.families.family import TrainedNetwork, Trainer
from autoequivariant.training.loop import Training, scores_and_losses, shuffled_batches
from autoequivariant.training.pace import Pace
from autoequivariant.training.pruning import Pruning
from autoequivariant.training.steps import Trained, training_steps
from autoequivariant.training.tasks import Task

_SCORED_AT_ONCE = 500


@dataclass(frozen=True)
class CNNTrainer(Trainer):
    """Trains group CNNs one by one: one grouped convolution for several children is slower
    (`python benchmarks/group_conv.py --together`). On a GPU several trainers work at a time.

    Attributes:
        architecture: of all children, except for the width.
        task: loss and score.
        scaling: of samples and targets.
        states: the groups and augmentations of the children.
        fit, score: samples, shape `(n, channels, *domain.shape)`, and targets as they are, to train
            and to score on.
        training: epochs, batch size, learning rate.
        recipe: the rest of how they are trained.
        seed: the run's seed.
        device: where to train.
    """

    architecture: CNNArchitecture
    task: Task
    scaling: NetworkScaling
    states: CNNStates
    fit: tuple[Tensor, Tensor]
    score: tuple[Tensor, Tensor]
    training: Training
    recipe: Recipe
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """Training steps of one child."""
        return self.training.epochs * self._steps_in_epoch

    @property
    def _steps_in_epoch(self) -> int:
        return -(-len(self.fit[0]) // self.training.batch_size)

    def evaluate(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train and score children one by one; with pruning, score them after each epoch."""
        return [self._evaluation(replicate, pruning, child, on_step) for child in children]

    def train(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """Train children one by one to the end, score them and return the networks."""
        networks = []
        for child in children:
            model = self._fresh(child, replicate)
            checkpoint = self._checkpoint(replicate, child)
            for _ in self._epochs(model, child, replicate, on_step, checkpoint):
                pass
            row = self._scores(model)
            self.scaling.rescale(model, model.group)
            count = self._count_parameters(child)
            networks.append(TrainedNetwork(model, row, count, checkpoint.seconds, checkpoint.share))
        return networks

    def _evaluation(
        self, replicate: int, pruning: Pruning | None, child: Child, on_step: OnStep
    ) -> Evaluation:
        start = time.perf_counter()
        model = self._fresh(child, replicate)
        curve: list[float] = []
        pruned = False
        checkpoint = self._checkpoint(replicate, child)
        for _ in self._epochs(model, child, replicate, on_step, checkpoint):
            if pruning is None:
                continue
            curve.append(float(self._scores(model).mean()))
            pruned = bool(child.members) and pruning.should_prune(curve)
            if pruned:
                on_step(self.steps - len(curve) * self._steps_in_epoch)
                break
        row, losses = self._scores_and_losses(model)
        seconds = checkpoint.seconds + time.perf_counter() - start
        # The scores of the search are not compared by loss.
        kept = losses if replicate else None
        n_parameters = self._count_parameters(child)
        return Evaluation(row, n_parameters, seconds, tuple(curve), pruned, kept)

    def _fresh(self, child: Child, replicate: int) -> EquivariantCNN:
        generator = torch.Generator().manual_seed(self._seed_of(child, replicate, 0))
        chain = self.states.chain(child.members)
        inputs = self.scaling.of_inputs(chain.first)
        architecture = self._architecture_of(child)
        model = EquivariantCNN(
            architecture.proxy if self.training.is_proxy else architecture,
            chain,
            inputs.mean,
            inputs.scale,
            generator=generator,
        )
        self.scaling.rescale_to_normalised(model, chain.whole)
        return model.to(self.device)

    def _count_parameters(self, child: Child) -> int:
        """Return the number of parameters of the whole network, also where a proxy is trained."""
        chain = self.states.chain(child.members)
        return self._architecture_of(child).count_parameters(chain)

    def _architecture_of(self, child: Child) -> CNNArchitecture:
        return replace(self.architecture, width=child.width)

    def _seed_of(self, child: Child, replicate: int, what: int) -> int:
        numbers = (self.seed, replicate, what, child.width, *child.members)
        return int(np.random.SeedSequence(numbers).generate_state(1)[0])

    def _checkpoint(self, replicate: int, child: Child) -> Checkpoint:
        return self.training.checkpoint(replicate, [child], self.seed, len(self.fit[0]))

    def _epochs(
        self,
        model: EquivariantCNN,
        child: Child,
        replicate: int,
        on_step: OnStep,
        checkpoint: Checkpoint,
    ) -> Iterator[None]:
        """Train and yield after each epoch."""
        x, y = self._normalised(self.fit)
        # All children see the same batches; other random numbers differ between children.
        order = np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0]
        batches, ahead = (
            shuffled_batches(len(x), self.training, int(order), x.device) for _ in range(2)
        )
        own = torch.Generator().manual_seed(self._seed_of(child, replicate, 1))
        augment = Augmentation(self.states.augmentations_of(child.members))
        samples = AugmentedSamples(augment, x, ahead, own)
        recipe, rate = self.recipe, self.training.learning_rate
        optimizer = recipe.optimizer(model, rate)
        trained = Trained(model, optimizer, recipe.schedule(optimizer, rate, self.steps))
        bfloat16 = torch.autocast(
            x.device.type, torch.bfloat16, enabled=recipe.uses_bfloat16(x.device)
        )

        def loss(samples: Tensor, targets: Tensor) -> Tensor:
            with bfloat16:
                outputs = model(samples).float()
            return self.task.loss(outputs[None], targets, recipe.smoothing)

        gradients = gradients_of(loss, model, x.device, is_random=model.dropout.probability > 0)

        def differentiate(batch: Tensor) -> None:
            gradients(samples.following(), y[batch])

        def skip(batch: Tensor) -> None:
            samples.skip()

        pace = Pace(self.steps, self.training.seconds)
        model.train()
        for done in training_steps(
            trained, batches, differentiate, pace, on_step, checkpoint, skip
        ):
            if done % self._steps_in_epoch == 0:
                yield
                model.train()

    def _normalised(self, split: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return split[0], self.scaling.normalised(split[1])

    def _scores(self, model: nn.Module) -> NDArray[Any]:
        return self._scores_and_losses(model)[0]

    def _scores_and_losses(
        self, model: nn.Module
    ) -> tuple[NDArray[Any], NDArray[np.float16] | None]:
        model.eval()
        found, losses = scores_and_losses(
            lambda x: model(x)[None], *self._normalised(self.score), self.task, _SCORED_AT_ONCE
        )
        return found[0].numpy(), None if losses is None else losses[0].numpy()
