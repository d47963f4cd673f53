"""Losses and scores of classification and regression."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import torch
from torch import Tensor
from torch.nn import functional

Scorer = Callable[[Tensor, Tensor], Tensor]
"""Takes outputs, shape `(b, n, outputs)`, and targets, shape `(n, ...)`; returns a score for each
child and sample, shape `(b, n)`, whose mean over samples is the metric.
"""


Metric = Literal["accuracy", "R²"]
LossName = Literal["log loss", "squared error"]


class Task(Protocol):
    """Loss and score of a task."""

    @property
    def name(self) -> str:
        """`classification` or `regression`."""

    @property
    def metric(self) -> Metric:
        """Name of the mean score."""

    @property
    def loss_name(self) -> LossName:
        """Name of the loss that networks are compared by: natural log loss, or the squared error as
        a share of the variance.
        """

    def loss(self, outputs: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return the sum over children of their mean losses, so that children do not share
        gradients; outputs have shape `(b, n, outputs)`. `smoothing` is the share of a label that is
        spread over all classes; numbers have none.
        """

    def scorer(self, targets: Tensor) -> Scorer:
        """Return the function that scores samples of a split with these targets."""

    def sample_losses(self, outputs: Tensor, targets: Tensor) -> Tensor | None:
        """Return a proper loss of each child and sample, float16, shape `(b, n)`, for outputs and
        targets as a `Scorer` takes them; None if it is 1 minus the score.
        """

    def constant_score(self, train_targets: Tensor, targets: Tensor) -> float:
        """Return the score on `targets` of the best constant predictor for `train_targets`."""


@dataclass(frozen=True)
class Classification:
    """Cross entropy. A score is whether the likeliest class is right. Targets: shape `(n,)`."""

    name = "classification"
    metric: ClassVar[Metric] = "accuracy"
    loss_name: ClassVar[LossName] = "log loss"

    def loss(self, outputs: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """See `Task`."""
        repeated = targets.repeat(len(outputs))
        total = functional.cross_entropy(
            outputs.flatten(0, 1), repeated, reduction="sum", label_smoothing=smoothing
        )
        return total / len(targets)

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        return lambda outputs, classes: outputs.argmax(2) == classes

    def sample_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the negative natural logarithm of the probability of the right class.

        It is at most `log(10 k)` for `k` classes, 2.3 more than a uniform guess costs: one sample
        that a network is wrongly sure of does not decide. So the loss is proper for probabilities
        of the right class above `1 / (10 k)`.
        """
        chosen = targets.expand(len(outputs), -1)[..., None]
        losses = -outputs.log_softmax(2).gather(2, chosen)[..., 0]
        return losses.clamp(0, math.log(10 * outputs.shape[2])).half()

    def constant_score(self, train_targets: Tensor, targets: Tensor) -> float:
        """Return the share of the most frequent training class."""
        return float((targets == train_targets.bincount().argmax()).double().mean())


@dataclass(frozen=True)
class Regression:
    """Squared error of scaled targets, shape `(n, components)`.

    A score is 1 minus the squared error in units of the split's variance, averaged over the
    components: its mean over the split is R², the coefficient of determination.
    """

    name = "regression"
    metric: ClassVar[Metric] = "R²"
    loss_name: ClassVar[LossName] = "squared error"

    def loss(self, outputs: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """See `Task`."""
        return (outputs - targets).square().sum() / targets.numel()

    def scorer(self, targets: Tensor) -> Scorer:
        """See `Task`."""
        variance = targets.var(dim=0, correction=0)
        variance = torch.where(variance > 0, variance, torch.ones_like(variance))
        return lambda outputs, values: 1 - ((outputs - values).square() / variance).mean(2)

    def sample_losses(self, outputs: Tensor, targets: Tensor) -> None:
        """Return None: the loss is the squared error, 1 minus the score."""

    def constant_score(self, train_targets: Tensor, targets: Tensor) -> float:
        """Return R² of the training mean: 0, or a little less."""
        mean = train_targets.mean(dim=0).expand(1, *targets.shape)
        return float(self.scorer(targets)(mean, targets).double().mean())


CLASSIFICATION = Classification()
TASKS: dict[str, Task] = {task.name: task for task in (CLASSIFICATION, Regression())}


def task_of(has_classes: bool) -> Task:
    """Return the task whose outputs are classes, or numbers."""
    return TASKS["classification" if has_classes else "regression"]
