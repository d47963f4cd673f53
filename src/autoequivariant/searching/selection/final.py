"""Final training on all samples but test, and scores on test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from autoequivariant.data.folds import joined
from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.nn.network import Network
from autoequivariant.searching.experiment import Experiment
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.loop import Training

FINAL_REPLICATE = 1_000_000
"""No replicate of the search: the final training does not repeat one that was selected."""
_MOST_PROBED = 64  # samples on which equivariance is measured


@dataclass(frozen=True)
class TestScore:
    """A network's score on test, accuracy or R², with its 95% interval."""

    n_parameters: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Final:
    """The chosen network, trained, and the scores.

    Attributes:
        model: the chosen network.
        scores: test scores of the chosen network, its baseline and the others.
        constant_score: test score of a constant predictor, fitted on train and validation.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None without symmetries.
    """

    model: Network
    scores: dict[Child, TestScore]
    constant_score: float
    equivariance: tuple[float, str] | None


def train_final(
    experiment: Experiment,
    chosen: Child,
    others: Sequence[Child],
    executor: Executor,
    on_part: Callable[[float], None],
    training: Training | None = None,
) -> Final:
    """Train `chosen`, its baseline and `others` on train and validation, and score them on test.

    Args:
        experiment, chosen, others: the problem with its data, and its networks.
        executor: what trains them.
        on_part: called with the part of a network that was trained since the last call.
        training: how they are trained. Default: `Problem.full_training`.
    """
    problem, data = experiment.problem, experiment.data
    known, test = joined(data), data.test
    training = training or problem.full_training(len(known))
    evaluator = problem.evaluator(known, test, executor, training)
    children = list(dict.fromkeys((chosen, problem.space.baseline_of(chosen), *others)))
    trained = dict(
        evaluator.train(children, FINAL_REPLICATE, lambda n: on_part(n / evaluator.steps))
    )
    model = trained[chosen].model.cpu()
    samples = np.ascontiguousarray(data.validation.x[:_MOST_PROBED])
    measured = model.claimed_error(torch.from_numpy(samples).float())
    return Final(
        model,
        {child: _score(network) for child, network in trained.items()},
        problem.family.task.constant_score(torch.from_numpy(known.y), torch.from_numpy(test.y)),
        None if measured is None else (measured.error, measured.worst),
    )


def _score(network: TrainedNetwork) -> TestScore:
    scores = network.scores
    return TestScore(network.n_parameters, float(scores.mean()), mean_interval(scores))
