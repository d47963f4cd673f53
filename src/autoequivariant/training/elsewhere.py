"""Training on GPUs that workers have, and the calling process may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.family import TrainedNetwork, Trainer
from autoequivariant.training.pruning import Pruning


def executor_for(device: torch.device, executor: Executor | None) -> Executor:
    """Return what trains on a device: the executor, unless the device is a GPU of this process.

    One process a GPU: few large products use it better than many small ones.
    """
    if executor is None or (device.type != "cpu" and not executor.has_gpus):
        return LocalExecutor(1)
    return executor


def trainer_for(
    make: Callable[[torch.device], Trainer], device: torch.device, executor: Executor
) -> Trainer:
    """Return a trainer on a device, which is made where the executor trains.

    Args:
        make: returns the trainer on any device.
        device, executor: where it trains.
    """
    is_elsewhere = device.type != "cpu" and executor.has_gpus
    return TrainerElsewhere(make, device) if is_elsewhere else make(device)


class TrainerElsewhere(Trainer):
    """A trainer whose samples are on the CPU here, and on a worker's device there.

    Args:
        make: returns the trainer on any device.
        device: of the worker.

    The trainer on the CPU is not sent to workers.
    """

    def __init__(self, make: Callable[[torch.device], Trainer], device: torch.device) -> None:
        self._make, self._device = make, device
        self._there: Trainer | None = None
        self._here: Trainer | None = make(torch.device("cpu"))

    @property
    def steps(self) -> int:
        """Training steps of one child."""
        return (self._here or self._trainer()).steps

    def evaluate(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """See `Trainer`."""
        return self._trainer().evaluate(replicate, pruning, children, on_step)

    def train(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """See `Trainer`."""
        return self._trainer().train(replicate, children, on_step)

    def __getstate__(self) -> dict[str, Any]:
        return {"_make": self._make, "_device": self._device, "_there": None, "_here": None}

    def _trainer(self) -> Trainer:
        """Return the trainer on the device; made once, as a worker keeps its job."""
        if self._there is None:
            self._there = self._make(self._device)
        return self._there
