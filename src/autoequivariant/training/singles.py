"""Trains networks that are each trained in another way, in parallel."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch

from autoequivariant.data.split import Split
from autoequivariant.training.child import Child
from autoequivariant.training.elsewhere import executor_for
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor, Job, OnStep, Result
from autoequivariant.training.families.family import Family, TrainedNetwork, Trainer
from autoequivariant.training.loop import Training


@dataclass(frozen=True)
class Single:
    """A network and how it is trained.

    Attributes:
        child: the network.
        training: how it is trained.
        replicate: as in `Trainer.train`.
        split: number of the samples, in `Singles.splits`. Default: the first.
    """

    child: Child
    training: Training
    replicate: int
    split: int = 0


@dataclass(frozen=True)
class Singles:
    """Trains and scores networks one by one, as many at a time as there are workers.

    Attributes:
        family: of the networks.
        splits: samples to train and to score on.
        seed, device: as in `Family.trainer`.
        executor: runs the trainings (`executor_for`).
    """

    family: Family
    splits: Sequence[tuple[Split, Split]]
    seed: int
    device: torch.device
    executor: Executor

    def evaluate(
        self, singles: Sequence[Single], on_part: Callable[[float], None]
    ) -> Iterator[tuple[Single, Evaluation]]:
        """Train and score networks; yield each as soon as it is ready.

        Args:
            singles: what to train.
            on_part: called with the part of a network that was trained since the last call, by
                training steps; may raise to stop.
        """
        cores = min(self._executor(singles).n_workers, len(singles))
        for single, evaluation in self._run(_evaluation, singles, on_part):
            yield single, replace(evaluation, seconds=evaluation.seconds / cores)

    def train(
        self, singles: Sequence[Single], on_part: Callable[[float], None]
    ) -> Iterator[tuple[Single, TrainedNetwork]]:
        """Do the same, and yield the networks with their seconds."""
        yield from self._run(_network, singles, on_part)

    def _run(
        self,
        train: Callable[[Trainer, Single, OnStep], Result],
        singles: Sequence[Single],
        on_part: Callable[[float], None],
    ) -> Iterator[tuple[Single, Result]]:
        steps = sum(map(self._steps, singles))

        def on_step(count: int) -> None:
            on_part(count * len(singles) / steps)

        job: Job[Single, Result] = partial(
            _trained, train, self.family, self.splits, self.seed, self.device
        )
        for number, result in self._executor(singles).run(job, singles, on_step):
            yield singles[number], result

    def _executor(self, singles: Sequence[Single]) -> Executor:
        largest = max(single.training.batch_size for single in singles)
        return executor_for(self.device, self.executor, self.family, largest)

    def _steps(self, single: Single) -> int:
        samples = len(self.splits[single.split][0])
        return single.training.epochs * math.ceil(samples / single.training.batch_size)


def _trained(
    train: Callable[[Trainer, Single, OnStep], Result],
    family: Family,
    splits: Sequence[tuple[Split, Split]],
    seed: int,
    device: torch.device,
    single: Single,
    on_step: OnStep,
) -> Result:
    trainer = family.trainer(*splits[single.split], single.training, seed, device)
    return train(trainer, single, on_step)


def _evaluation(trainer: Trainer, single: Single, on_step: OnStep) -> Evaluation:
    (evaluation,) = trainer.evaluate(single.replicate, None, [single.child], on_step)
    return evaluation


def _network(trainer: Trainer, single: Single, on_step: OnStep) -> TrainedNetwork:
    start = time.perf_counter()
    (network,) = trainer.train(single.replicate, [single.child], on_step)
    seconds = network.seconds + time.perf_counter() - start
    return replace(network, model=network.model.cpu(), seconds=seconds)  # no GPU may be there
