"""Evaluation of children: fitted on one split, scored on another, in as many processes as there are
cores.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from autoequivariant.data.split import Split
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.family import Family, TrainedNetwork
from autoequivariant.training.loop import Training
from autoequivariant.training.pruning import Pruning


class Evaluator:
    """Trains and scores children, as many together and in as many processes as is worth it.

    Args:
        family: what they are.
        fit, score: the two splits.
        training, seed, device: see `Family.trainer`.
        memory_limit: bytes that training may take. Default: a quarter of the memory of the device.
        executor: what shares the work on a CPU. Default: this process alone.
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
        self.trainer = family.trainer(fit, score, training, seed, device)
        self._family = family
        self._batch_size = training.batch_size
        self._device = device
        self._limit = default_memory_limit(device) if memory_limit is None else memory_limit
        # A GPU has one process: it is better served by few large products than by many small ones.
        alone = executor is None or device.type != "cpu"
        self._executor = LocalExecutor(1) if executor is None or alone else executor

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.trainer.steps

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: OnStep,
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        """Train and score children, as many of one width together as the memory limit allows; yield
        them part by part, as they are ready.

        Args:
            children: what to train.
            replicate: 0 in the search; others give the same child other random numbers.
            on_step: called with the number of training steps that children took since; may raise
                to stop.
            pruning: when to give a child up. Default: never.
        """
        parts = self._parts(children)
        job = partial(self.trainer.evaluate, replicate, pruning)
        cores = min(self._executor.n_workers, len(parts))
        for number, found in self._executor.run(job, parts, on_step):
            yield parts[number], [replace(e, seconds=e.seconds / cores) for e in found]

    def train(
        self, children: Sequence[Child], replicate: int, on_step: OnStep
    ) -> list[tuple[Child, TrainedNetwork]]:
        """Train children to the end, score them, and return them as networks to keep."""
        parts = self._parts(children)
        job = partial(self.trainer.train, replicate)
        found = dict(self._executor.run(job, parts, on_step))
        return [
            pair
            for number, part in enumerate(parts)
            for pair in zip(part, found[number], strict=True)
        ]

    def _parts(self, children: Sequence[Child]) -> list[list[Child]]:
        """Children of one width each, nearly as many in every part, and enough parts for all
        processes.
        """
        parts: list[list[Child]] = []
        for width in dict.fromkeys(child.width for child in children):
            alike = [child for child in children if child.width == width]
            most = max(1, self._at_once(width) // self._executor.n_workers)
            count = max(-(-len(alike) // most), min(self._executor.n_workers, len(alike)))
            ends = [k * len(alike) // count for k in range(count + 1)]
            parts += [alike[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        return parts

    def _at_once(self, width: int) -> int:
        return self._family.max_together(width, self._batch_size, self._device, self._limit)


def default_memory_limit(device: torch.device) -> int:
    """Return a quarter of the device's memory, in bytes; 2 GiB where it cannot be told."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory // 4)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, OSError, ValueError):
        return 2**31
