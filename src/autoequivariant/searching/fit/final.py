"""Final training on all samples but test, and scores on test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from autoequivariant.data.split import Split
from autoequivariant.evidence.class_balance import area_under_roc
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.trials import Fitted
from autoequivariant.searching.sharing.networks import is_shared, networks
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.work import shared
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.singles import Single, Singles

FINAL_REPLICATE = 1_000_000
"""No replicate of the search: the final training does not repeat one that was selected."""
_MOST_PROBED = 64  # samples on which equivariance is measured


@dataclass(frozen=True)
class Final:
    """The chosen network, its baseline and others, trained and scored on test.

    Attributes:
        networks: all of them, by the networks of the search.
        constant_score: test score of a constant predictor, fitted on train and validation.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None without symmetries.
        areas: of each network, the area under the ROC curve on test; empty unless there are two
            classes and both occur in test.
    """

    networks: dict[Child, TrainedNetwork]
    constant_score: float
    equivariance: tuple[float, str] | None
    areas: dict[Child, float]


def train_final(
    experiment: Experiment,
    chosen: Child,
    fitted: Mapping[Child, Fitted],
    executor: Executor,
    on_part: Callable[[float], None],
    checkpoints: Checkpoints | None = None,
    store: Store | None = None,
) -> Final:
    """Train networks on `Experiment.known`, and score them on test.

    Args:
        experiment: the problem with its data.
        chosen: the network to hand over, as in the search.
        fitted: how it, its baseline and others are fitted.
        executor: what trains them.
        on_part: called with the part of a network that was trained since the last call.
        checkpoints: where the trainings keep them. Default: nowhere.
        store: where networks are shared with other processes. Default: nowhere.
    """
    problem, data = experiment.problem, experiment.data
    known, test = experiment.known, data.test
    singles = {
        Single(one.child, replace(one.training, checkpoints=checkpoints), FINAL_REPLICATE): child
        for child, one in fitted.items()
    }
    trainer = Singles(
        problem.family, [(known, test)], problem.settings.seed, problem.device, executor
    )
    found = trained_by_any(experiment, trainer, list(singles), on_part, store)
    trained = {singles[single]: network for single, network in found}
    model = trained[chosen].model.cpu()
    samples = np.ascontiguousarray(data.validation.x[:_MOST_PROBED])
    measured = model.claimed_error(torch.from_numpy(samples).float())
    return Final(
        trained,
        problem.family.task.constant_score(torch.from_numpy(known.y), torch.from_numpy(test.y)),
        None if measured is None else (measured.error, measured.worst),
        _areas(trained, test) if len(data.classes) == 2 else {},
    )


def trained_by_any(
    experiment: Experiment,
    trainer: Singles,
    singles: Sequence[Single],
    on_part: Callable[[float], None],
    store: Store | None,
) -> Iterator[tuple[Single, TrainedNetwork]]:
    """Train networks on `Experiment.known`, or take over those that other processes have trained.

    Args:
        experiment: the problem with its data.
        trainer: trains.
        singles: what is to be trained.
        on_part: as in `Singles.train`.
        store: where networks are shared; None for a process that works alone.
    """
    problem = experiment.problem

    def train(some: Sequence[Single]) -> Iterator[tuple[list[Single], list[TrainedNetwork]]]:
        for single, network in trainer.train(some, on_part):
            yield [single], [network]

    own = [single for single in singles if store is None or not is_shared(problem, single)]
    others = [single for single in singles if single not in own]
    work, workers = networks(problem, experiment.data), trainer.executor.n_workers
    for part in (own, others):
        if part:
            given = None if part is own else store
            for some, found in shared(given, part, work, train, on_part, workers):
                yield from zip(some, found, strict=True)


def _areas(trained: Mapping[Child, TrainedNetwork], test: Split) -> dict[Child, float]:
    areas = {
        child: area_under_roc(network.model.cpu().eval().outputs_of(test.x).numpy(), test.y)
        for child, network in trained.items()
    }
    return {child: area for child, area in areas.items() if area is not None}
