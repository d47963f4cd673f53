"""Final training on all samples but test, and scores on test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.nn.network import Network
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.tuning import Fitted
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import TrainedNetwork

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
        scores: test scores of the chosen network, its baseline and the others, by the networks of
            the search.
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
    fitted: Mapping[Child, Fitted],
    executor: Executor,
    on_part: Callable[[float], None],
    checkpoints: Checkpoints | None = None,
) -> Final:
    """Train networks on `Experiment.known`, and score them on test.

    Args:
        experiment: the problem with its data.
        chosen: the network to hand over, as in the search.
        fitted: how it, its baseline and others are fitted.
        executor: what trains them.
        on_part: called with the part of a network that was trained since the last call.
        checkpoints: where the trainings keep them. Default: nowhere.
    """
    problem, data = experiment.problem, experiment.data
    known, test = experiment.known, data.test
    trained: dict[Child, TrainedNetwork] = {}
    for training in dict.fromkeys(one.training for one in fitted.values()):
        evaluator = problem.evaluator(
            known, test, executor, replace(training, checkpoints=checkpoints)
        )
        alike = {one.child: child for child, one in fitted.items() if one.training == training}
        on_step = partial(_advance, on_part, evaluator.steps)
        for child, network in evaluator.train(list(alike), FINAL_REPLICATE, on_step):
            trained[alike[child]] = network
    model = trained[chosen].model.cpu()
    samples = np.ascontiguousarray(data.validation.x[:_MOST_PROBED])
    measured = model.claimed_error(torch.from_numpy(samples).float())
    return Final(
        model,
        {child: _score(network) for child, network in trained.items()},
        problem.family.task.constant_score(torch.from_numpy(known.y), torch.from_numpy(test.y)),
        None if measured is None else (measured.error, measured.worst),
    )


def _advance(on_part: Callable[[float], None], steps: int, count: int) -> None:
    on_part(count / steps)


def _score(network: TrainedNetwork) -> TestScore:
    scores = network.scores
    return TestScore(network.n_parameters, float(scores.mean()), mean_interval(scores))
