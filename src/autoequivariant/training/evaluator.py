"""Trains children on one split and scores them on another, in parallel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from autoequivariant.data.split import Split
from autoequivariant.training.child import Child
from autoequivariant.training.devices import default_limit_of
from autoequivariant.training.elsewhere import executor_for, trainer_for
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor, Job, OnStep, Result
from autoequivariant.training.families.family import Family, Trainer
from autoequivariant.training.loop import Training
from autoequivariant.training.pruning import Pruning

Request = tuple[Child, Pruning | None]
"""What to train, and when to stop it early."""


class Evaluator:
    """Trains and scores children in batches, on the workers of an executor.

    Args:
        family: the networks.
        fit, score: the splits to train and to score on.
        training, seed, device: as in `Family.trainer`.
        memory_limit: bytes that training may use. Default: a quarter of the device's memory.
        executor: runs the batches (`executor_for`). Default: the calling process alone.
    """

    def __init__(
        self,
        family: Family,
        fit: Split,
        score: Split,
        training: Training,
        seed: int,
        device: torch.device,
        memory_limit: int | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._limit = default_limit_of(device) if memory_limit is None else memory_limit
        self._executor = executor_for(device, executor, family, training.batch_size, self._limit)
        make = partial(family.trainer, fit, score, training, seed)
        self.trainer = trainer_for(make, device, self._executor)
        self._family = family
        self._batch_size = training.batch_size
        self._device = device

    @property
    def steps(self) -> int:
        """Training steps of one child."""
        return self.trainer.steps

    @property
    def n_workers(self) -> int:
        """How many batches can be trained at the same time."""
        return self._executor.n_workers

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: OnStep,
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        """Train and score children; yield each batch as soon as it is ready.

        Args:
            children: what to train. Those of one width train together, as memory allows.
            replicate: 0 in the search; other values give a child other random numbers.
            on_step: called with the number of training steps since the last call; may raise to
                stop.
            pruning: when to stop a child early. Default: never.
        """
        parts = self._parts(children)
        job = partial(self.trainer.evaluate, replicate, pruning)
        cores = min(self._executor.n_workers, len(parts))
        for number, evaluations in self._executor.run(job, parts, on_step):
            yield parts[number], [replace(e, seconds=e.seconds / cores) for e in evaluations]

    def evaluate_each(
        self, request: Callable[[], Request | None], on_step: OnStep
    ) -> Iterator[tuple[Child, Evaluation]]:
        """Train and score children of a search one by one; yield each as soon as it is ready.

        Args:
            request: returns what to train next; called when a worker is free. If it returns None,
                it is called again after the next result; the end is when nothing is running, too.
            on_step: as in `evaluate`.
        """
        asked: list[Child] = []

        def following() -> Request | None:
            found = request()
            if found is not None:
                asked.append(found[0])
            return found

        workers = self._executor.n_workers
        job = partial(_evaluated, self.trainer)
        for number, evaluation in self._executor.run(job, following, on_step):
            yield asked[number], replace(evaluation, seconds=evaluation.seconds / workers)

    def on_worker(self, job: Job[Trainer, Result], on_step: OnStep = lambda count: None) -> Result:
        """Return what a job does with the trainer, on a worker; `on_step` is as in `evaluate`."""
        ((_, result),) = self._executor.run(job, [self.trainer], on_step)
        return result

    def rounds(self, children: Sequence[Child]) -> int:
        """Return how many trainings, each alone, follow each other, as workers are fewer."""
        return math.ceil(len(children) / self._executor.n_workers)

    def _parts(self, children: Sequence[Child]) -> list[list[Child]]:
        """Divide children into batches of one width and similar size, at least one a worker."""
        workers = self._executor.n_workers
        parts: list[list[Child]] = []
        for width in dict.fromkeys(child.width for child in children):
            alike = [child for child in children if child.width == width]
            together = self._family.max_together(width, self._batch_size, self._device, self._limit)
            most = max(1, together // self._executor.workers_per_machine)
            count = max(-(-len(alike) // most), min(workers, len(alike)))
            ends = [k * len(alike) // count for k in range(count + 1)]
            parts += [alike[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        return parts


def _evaluated(trainer: Trainer, request: Request, on_step: OnStep) -> Evaluation:
    child, pruning = request
    (evaluation,) = trainer.evaluate(0, pruning, [child], on_step)
    return evaluation
