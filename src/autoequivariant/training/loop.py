"""The training loop of children that train together, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

from autoequivariant.nn.graphs import gradients_of
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.training.checkpoint import NO_CHECKPOINT, Checkpoint, Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.pace import Pace
from autoequivariant.training.steps import Adam, AdamW, Trained, training_steps
from autoequivariant.training.tasks import CLASSIFICATION, Task

CALIBRATION_SAMPLES = 512


@dataclass(frozen=True)
class Training:
    """How a child is trained.

    Attributes:
        epochs: passes over the training samples.
        batch_size: samples a step. Default: 64, the paper's.
        learning_rate: Adam's. Default: 1e-3, the paper's.
        is_proxy: whether a network is trained to be compared, not to be used, so that it may look
            at coarser samples. Default: no.
        seconds: the most that it may take; steps that do not fit are left out (`pace`). Default: no
            limit.
        weight_decay: of an MLP, AdamW's (Loshchilov and Hutter, 2019, arXiv 1711.05101); biases do
            not decay. Default: 0, as Adam.
        warm_up: of an MLP, the share of the steps in which the rate rises; then it falls to 0
            (one-cycle: Smith and Topin, 2019, arXiv 1708.07120). Default: 0, a constant rate.
        smoothing: of an MLP, the share of the label that is spread over all classes. Default: 0.
        output_scale: root mean square of an MLP's outputs before the first step. Default: 1.
        checkpoints: where a long training keeps them, which resumes there. Default: nowhere.
    """

    epochs: int
    batch_size: int = 64
    learning_rate: float = 1e-3
    is_proxy: bool = False
    seconds: float | None = None
    weight_decay: float = 0.0
    warm_up: float = 0.0
    smoothing: float = 0.0
    output_scale: float = 1.0
    checkpoints: Checkpoints | None = None

    def of_length(self, epochs: int) -> Training:
        """Return a training of so many epochs, in which weights decay by as much."""
        decay = self.weight_decay * self.epochs / epochs
        return replace(self, epochs=epochs, weight_decay=decay)

    def checkpoint(
        self, replicate: int, children: Sequence[Child], seed: int, n_samples: int
    ) -> Checkpoint:
        """Return the checkpoint of the training of these children.

        Args:
            replicate, children: as in `Trainer`.
            seed: the run's seed.
            n_samples: number of training samples.
        """
        recipe = asdict(replace(self, seconds=None, checkpoints=None))
        described = {**recipe, "seed": seed, "n_samples": n_samples}
        return Checkpoint(self.checkpoints, replicate, children, described)


def train(
    model: BatchedMLP,
    x: Tensor,
    y: Tensor,
    training: Training,
    seed: int,
    on_step: OnStep,
    task: Task = CLASSIFICATION,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> None:
    """Train all children of `model` on the same batches, shuffled in every epoch.

    Args:
        model: untrained children, calibrated here on the first samples.
        x: samples, shape `(n, c)`, float32, on the model's device.
        y: targets, as the task takes them.
        training: epochs, batch size, learning rate and time limit.
        seed: decides the order of the samples.
        on_step: called before every step with 1, and first with the number of steps of the
            checkpoint; an exception that it raises stops the training.
        task: has the loss. Default: classification.
        checkpoint: where the training resumes. Default: none.
    """
    model.calibrate(x[:CALIBRATION_SAMPLES], training.output_scale)
    steps = training.epochs * -(-len(x) // training.batch_size)
    optimizer = _optimizer(model, training)
    trained = Trained(model, optimizer, _schedule(optimizer, training, steps))

    def loss(samples: Tensor, targets: Tensor) -> Tensor:
        return task.loss(model(samples), targets, training.smoothing)

    gradients = gradients_of(loss, model, x.device)

    def differentiate(batch: Tensor) -> None:
        gradients(x[batch], y[batch])

    batches = shuffled_batches(len(x), training, seed, x.device)
    pace = Pace(steps, training.seconds)
    for _ in training_steps(trained, batches, differentiate, pace, on_step, checkpoint):
        pass


def _optimizer(model: BatchedMLP, training: Training) -> Optimizer:
    if not training.weight_decay:
        return Adam(model.parameters(), lr=training.learning_rate, fused=True)
    groups = [
        {"params": list(model.weights), "weight_decay": training.weight_decay},
        {"params": list(model.biases), "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=training.learning_rate, fused=True)


def _schedule(optimizer: Optimizer, training: Training, steps: int) -> LRScheduler:
    if not training.warm_up:
        return ConstantLR(optimizer, factor=1.0)
    return OneCycleLR(
        optimizer, training.learning_rate, steps, pct_start=training.warm_up, cycle_momentum=False
    )


def shuffled_batches(
    n: int, training: Training, seed: int, device: torch.device
) -> Iterator[Tensor]:
    """Yield the indices of the samples of each step, of `n` samples in all, on a device."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(training.epochs):
        order = torch.randperm(n, generator=generator).to(device)
        yield from order.split(training.batch_size)


def scores(
    model: Callable[[Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    task: Task = CLASSIFICATION,
    batch_size: int = 1000,
) -> Tensor:
    """Return the score of each child on each sample; see `scores_and_losses`."""
    return scores_and_losses(model, x, y, task, batch_size)[0]


@torch.no_grad()
def scores_and_losses(
    model: Callable[[Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    task: Task = CLASSIFICATION,
    batch_size: int = 1000,
) -> tuple[Tensor, Tensor | None]:
    """Return score and loss of each child on each sample, shape `(children, n)`, on the CPU.

    Args:
        model: returns outputs, shape `(children, n, outputs)`.
        x, y: samples and targets.
        task: whose scores (bool or float32) and losses they are (`Task.sample_losses`). Default:
            classification.
        batch_size: samples in a forward pass.
    """
    score = task.scorer(y)
    scored, losses = [], []
    for samples, targets in zip(x.split(batch_size), y.split(batch_size), strict=True):
        outputs = model(samples)
        scored.append(score(outputs, targets).cpu())
        part = task.sample_losses(outputs, targets)
        if part is not None:
            losses.append(part.cpu())
    return torch.cat(scored, dim=1), torch.cat(losses, dim=1) if losses else None
