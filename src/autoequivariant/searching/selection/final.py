"""The end of a search: the chosen network and the plain one, trained on all but test, scored once
on test.
"""

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

FINAL_REPLICATE = 1_000_000
"""Apart from all replicates of the search, so that the final training is no copy of one that was
selected.
"""
_PROBED = 64


@dataclass(frozen=True)
class TestScore:
    """How one network did on test.

    Attributes:
        weights: its number of trainable numbers.
        accuracy: share of correct answers; R² of regression.
        interval: its 95% interval (`evidence.mean_interval`).
    """

    n_parameters: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Final:
    """The chosen network, trained, and the scores.

    Attributes:
        model: the chosen network.
        scores: test scores of the chosen network, of its baseline (`Space.baseline`), and of others
            that were asked for.
        guessing: test score of who knows nothing but the answers to train and validation.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None where it has no symmetry.
    """

    model: Network
    scores: dict[Child, TestScore]
    constant_score: float
    equivariance: tuple[float, str] | None


def finish(
    experiment: Experiment,
    chosen: Child,
    others: Sequence[Child],
    executor: Executor,
    on_step: Callable[[int], None],
) -> Final:
    """Train `chosen`, its baseline and `others` on train and validation, and score them on test.

    Args:
        on_step: called with the number of training steps that children took since.
    """
    problem, data = experiment.problem, experiment.data
    known, test = joined(data), data.test
    evaluator = problem.evaluator(known, test, executor)
    children = list(dict.fromkeys((chosen, problem.space.baseline_of(chosen), *others)))
    finished = dict(evaluator.train(children, FINAL_REPLICATE, on_step))
    model = finished[chosen].model.cpu()
    samples = np.ascontiguousarray(data.validation.x[:_PROBED])
    measured = model.claimed_error(torch.from_numpy(samples).float())
    return Final(
        model,
        {child: _score(one) for child, one in finished.items()},
        problem.family.task.constant_score(torch.from_numpy(known.y), torch.from_numpy(test.y)),
        None if measured is None else (measured.error, measured.worst),
    )


def _score(one: TrainedNetwork) -> TestScore:
    return TestScore(one.n_parameters, float(one.scores.mean()), mean_interval(one.scores))
