"""Training on GPUs that workers have, and the calling process may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from autoequivariant.training.child import Child
from autoequivariant.training.devices import default_limit_of
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.streams import StreamsExecutor
from autoequivariant.training.families.family import Family, TrainedNetwork, Trainer
from autoequivariant.training.pruning import Pruning

MOST_STREAMS = 8


def executor_for(
    device: torch.device,
    executor: Executor | None,
    family: Family,
    batch_size: int,
    memory: int | None = None,
) -> Executor:
    """Return what trains on a device: the executor, unless the device is a GPU of this process.

    There, networks that do not train as one batch have a stream each (`StreamsExecutor`).

    Args:
        device, executor: where to train, and on which workers. Default: the calling process alone.
        family: of the networks.
        batch_size: samples a step.
        memory: bytes that networks may take together. Default: a quarter of the device's.
    """
    if executor is not None and (device.type == "cpu" or executor.has_gpus):
        return executor
    if device.type == "cpu" or family.trains_together:
        return LocalExecutor(1)
    available = default_limit_of(device) if memory is None else memory
    fitting = available // family.bytes_per_child(family.default_width, batch_size)
    return StreamsExecutor(max(1, min(MOST_STREAMS, fitting)), device)


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
