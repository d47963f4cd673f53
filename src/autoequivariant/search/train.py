"""Training children together: one loop, and how well each of them does on samples that it has not
seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from autoequivariant.nn.batched import BatchedMLP

_EVALUATED_AT_ONCE = 1000
CALIBRATION_SAMPLES = 512


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
) -> None:
    """Train all children of `model` on the same batches, drawn anew from `seed` in every epoch.

    Args:
        model: fresh children; calibrated here on the first samples.
        x: samples, shape `(n, c)`, float32, on the model's device.
        y: class indices, shape `(n,)`.
        training: epochs, batch size and learning rate.
        seed: decides the order of the samples.
        on_step: called before every step; whatever it raises stops the training.
    """
    model.calibrate(x[:CALIBRATION_SAMPLES])
    optimizer = torch.optim.Adam(model.parameters(), lr=training.learning_rate, fused=True)
    for batch in _batches(len(x), training, seed):
        on_step()
        samples = batch.to(x.device)
        logits = model(x[samples])
        targets = y[samples].repeat(model.children_count)
        # The sum over children of their mean losses: a child's gradient is that of its own mean.
        total = functional.cross_entropy(logits.flatten(0, 1), targets, reduction="sum")
        loss = total / len(samples)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _batches(n: int, training: Training, seed: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    for _ in range(training.epochs):
        yield from torch.randperm(n, generator=generator).split(training.batch_size)


@torch.no_grad()
def correct(model: BatchedMLP, x: Tensor, y: Tensor) -> Tensor:
    """Return which samples each child classifies correctly: bool, shape `(children, n)`, on the
    CPU.
    """
    parts = [
        (model(samples).argmax(2) == classes).cpu()
        for samples, classes in zip(
            x.split(_EVALUATED_AT_ONCE), y.split(_EVALUATED_AT_ONCE), strict=True
        )
    ]
    return torch.cat(parts, dim=1)
