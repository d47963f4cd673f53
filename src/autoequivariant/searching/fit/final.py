"""Final training on all samples but test, and scores on test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from autoequivariant.searching.experiment import Experiment
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.loop import Training

FINAL_REPLICATE = 1_000_000
"""No replicate of the search: the final training does not repeat one that was selected."""
_MOST_PROBED = 64  # samples on which equivariance is measured


@dataclass(frozen=True)
class Final:
    """The chosen network, its baseline and others, trained and scored on test.

    Attributes:
        networks: all of them.
        constant_score: test score of a constant predictor, fitted on train and validation.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None without symmetries.
    """

    networks: dict[Child, TrainedNetwork]
    constant_score: float
    equivariance: tuple[float, str] | None


def train_final(
    experiment: Experiment,
    chosen: Child,
    trainings: Mapping[Child, Training],
    executor: Executor,
    on_part: Callable[[float], None],
) -> Final:
    """Train networks on `Experiment.known`, and score them on test.

    Args:
        experiment: the problem with its data.
        chosen: the network to hand over.
        trainings: how it, its baseline and others are trained.
        executor: what trains them.
        on_part: called with the part of a network that was trained since the last call.
    """
    problem, data = experiment.problem, experiment.data
    known, test = experiment.known, data.test
    trained: dict[Child, TrainedNetwork] = {}
    for training in dict.fromkeys(trainings.values()):
        evaluator = problem.evaluator(known, test, executor, training)
        children = [child for child, one in trainings.items() if one == training]
        on_step = partial(_advance, on_part, evaluator.steps)
        trained |= evaluator.train(children, FINAL_REPLICATE, on_step)
    model = trained[chosen].model.cpu()
    samples = np.ascontiguousarray(data.validation.x[:_MOST_PROBED])
    measured = model.claimed_error(torch.from_numpy(samples).float())
    return Final(
        trained,
        problem.family.task.constant_score(torch.from_numpy(known.y), torch.from_numpy(test.y)),
        None if measured is None else (measured.error, measured.worst),
    )


def _advance(on_part: Callable[[float], None], steps: int, count: int) -> None:
    on_part(count / steps)
