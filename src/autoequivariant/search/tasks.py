"""What is asked of a network: a class, or numbers. How it is trained, and how it is scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

Scorer = Callable[[Tensor, Tensor], Tensor]
"""Takes outputs, shape `(b, n, outputs)`, and targets, shape `(n, ...)`; returns a score for each
child and sample, shape `(b, n)`, whose mean over samples is the metric.
"""


class Task(Protocol):
    """Loss and score of a task."""

    @property
    def name(self) -> str:
        """`classification` or `regression`."""

    @property
    def metric(self) -> str:
        """What the mean score is called."""

    @property
    def trainings_to_judge(self) -> int:
        """After how many trainings a finalist may be given up (`choose.py`)."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum over children of their mean losses, so that a child's gradient is that of
        its own mean; outputs are of shape `(b, n, outputs)`.
        """

    def scorer(self, targets: Tensor) -> Scorer:
        """Return what scores samples of a split with these targets."""


@dataclass(frozen=True)
class Classification:
    """Cross entropy; a score is whether the likeliest class is right. Targets: shape `(n,)`."""

    name = "classification"
    metric = "accuracy"
    trainings_to_judge = 1

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """See `Task`."""
        repeated = targets.repeat(len(outputs))
        total = functional.cross_entropy(outputs.flatten(0, 1), repeated, reduction="sum")
        return total / len(targets)

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        return lambda outputs, classes: outputs.argmax(2) == classes


@dataclass(frozen=True)
class Regression:
    """Squared error of scaled targets, shape `(n, components)`.

    A score is 1 minus the squared error in units of the split's variance, averaged over the
    components: its mean over the split is R², the coefficient of determination.
    """

    name = "regression"
    metric = "R²"
    trainings_to_judge = 2  # an R² differs more between trainings than between samples

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """See `Task`."""
        return (outputs - targets).square().sum() / targets.numel()

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        variance = targets.var(dim=0, correction=0)
        variance = torch.where(variance > 0, variance, torch.ones_like(variance))
        return lambda outputs, values: 1 - ((outputs - values).square() / variance).mean(2)


TASKS: dict[str, Task] = {task.name: task for task in (Classification(), Regression())}
