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

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum over children of their mean losses, so that a child's gradient is that of
        its own mean; outputs are of shape `(b, n, outputs)`.
        """

    def scorer(self, targets: Tensor) -> Scorer:
        """Return what scores samples of a split with these targets."""

    def constant_score(self, known: Tensor, targets: Tensor) -> float:
        """Return the score on a split of who knows nothing but the targets `known`."""


@dataclass(frozen=True)
class Classification:
    """Cross entropy; a score is whether the likeliest class is right. Targets: shape `(n,)`."""

    name = "classification"
    metric = "accuracy"

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """See `Task`."""
        repeated = targets.repeat(len(outputs))
        total = functional.cross_entropy(outputs.flatten(0, 1), repeated, reduction="sum")
        return total / len(targets)

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        return lambda outputs, classes: outputs.argmax(2) == classes

    def constant_score(self, known: Tensor, targets: Tensor) -> float:
        """Share of the class that is the commonest of those known."""
        return float((targets == known.bincount().argmax()).double().mean())


@dataclass(frozen=True)
class Regression:
    """Squared error of scaled targets, shape `(n, components)`.

    A score is 1 minus the squared error in units of the split's variance, averaged over the
    components: its mean over the split is R², the coefficient of determination.
    """

    name = "regression"
    metric = "R²"

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """See `Task`."""
        return (outputs - targets).square().sum() / targets.numel()

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        variance = targets.var(dim=0, correction=0)
        variance = torch.where(variance > 0, variance, torch.ones_like(variance))
        return lambda outputs, values: 1 - ((outputs - values).square() / variance).mean(2)

    def constant_score(self, known: Tensor, targets: Tensor) -> float:
        """R² of the mean of those known: 0, or a little less."""
        mean = known.mean(dim=0).expand(1, *targets.shape)
        return float(self.scorer(targets)(mean, targets).double().mean())


TASKS: dict[str, Task] = {task.name: task for task in (Classification(), Regression())}


def task_of(has_classes: bool) -> Task:
    """Return classification where the outputs are classes, and regression otherwise."""
    return TASKS["classification" if has_classes else "regression"]
