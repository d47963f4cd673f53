"""Training children together: one loop, and how well each of them does on samples that it has not
seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.training.tasks import Classification, Task

_EVALUATED_AT_ONCE = 1000
CALIBRATION_SAMPLES = 512
CLASSIFICATION = Classification()


@dataclass(frozen=True)
class Training:
    """How a child is trained.

    Attributes:
        epochs: passes over the training samples.
        batch_size: samples a step. Default: 64, the paper's.
        learning_rate: Adam's. Default: 1e-3, the paper's.
    """

    epochs: int
    batch_size: int = 64
    learning_rate: float = 1e-3


def train(
    model: BatchedMLP,
    x: Tensor,
    y: Tensor,
    training: Training,
    seed: int,
    on_step: Callable[[], None],
    task: Task = CLASSIFICATION,
) -> None:
    """Train all children of `model` on the same batches, drawn anew from `seed` in every epoch.

    Args:
        model: fresh children; calibrated here on the first samples.
        x: samples, shape `(n, c)`, float32, on the model's device.
        y: targets, as the task takes them.
        training: epochs, batch size and learning rate.
        seed: decides the order of the samples.
        on_step: called before every step; whatever it raises stops the training.
        task: whose loss is minimised.
    """
    model.calibrate(x[:CALIBRATION_SAMPLES])
    optimizer = torch.optim.Adam(model.parameters(), lr=training.learning_rate, fused=True)
    for batch in _batches(len(x), training, seed):
        on_step()
        samples = batch.to(x.device)
        loss = task.loss(model(x[samples]), y[samples])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _batches(n: int, training: Training, seed: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    for _ in range(training.epochs):
        yield from torch.randperm(n, generator=generator).split(training.batch_size)


@torch.no_grad()
def scores(model: BatchedMLP, x: Tensor, y: Tensor, task: Task = CLASSIFICATION) -> Tensor:
    """Return how well each child does on each sample, shape `(children, n)`, on the CPU.

    A classifier's score is whether it is right (bool), a regressor's is float32 (`tasks.py`).
    """
    score = task.scorer(y)
    parts = [
        score(model(samples), targets).cpu()
        for samples, targets in zip(
            x.split(_EVALUATED_AT_ONCE), y.split(_EVALUATED_AT_ONCE), strict=True
        )
    ]
    return torch.cat(parts, dim=1)
