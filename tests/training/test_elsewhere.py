"""Children train on the GPUs of workers though the calling process has none."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.domain import Grid
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.searching.experiment import Experiment
from autoequivariant.training.devices import MEMORY_ELSEWHERE, default_limit_of
from autoequivariant.training.elsewhere import MOST_STREAMS, TrainerElsewhere, executor_for
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Job, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.streams import StreamsExecutor
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.family import Trainer
from autoequivariant.training.loop import Training
from autoequivariant.training.singles import Single, Singles

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


class Elsewhere(LocalExecutor):
    """Stands for machines with GPUs: what it runs was pickled."""

    has_gpus = True

    def run(self, job: Job[Any, Any], parts: Any, on_step: OnStep) -> Iterator[tuple[int, Any]]:
        for number, part in enumerate(parts):
            yield number, pickle.loads(pickle.dumps(job))(pickle.loads(pickle.dumps(part)), on_step)


class FamilyThatNotes:
    """Notes the device of each trainer, and makes it on the CPU."""

    devices: list[str] = []

    def __init__(self, family: Any) -> None:
        self.family = family

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> Trainer:
        self.devices.append(device.type)
        return self.family.trainer(fit, score, training, seed, CPU)  # type: ignore[no-any-return]

    def max_together(self, *arguments: Any) -> int:
        return self.family.max_together(*arguments)  # type: ignore[no-any-return]


@pytest.fixture
def noted() -> list[str]:
    FamilyThatNotes.devices = []
    return FamilyThatNotes.devices


def made(experiment: Experiment, device: torch.device, executor: Any) -> Evaluator:
    problem, data = experiment.problem, experiment.data
    family: Any = FamilyThatNotes(problem.family)
    splits = data.train, data.validation
    return Evaluator(family, *splits, problem.training, 0, device, 2**30, executor)


def test_samples_are_put_on_a_device_by_workers_alone(
    small_experiment: Any, noted: list[str]
) -> None:
    experiment = small_experiment()
    children = list(experiment.problem.space.children)[:3]

    def bits(evaluator: Evaluator) -> list[Any]:
        parts = evaluator.evaluate(children, 0, lambda count: None)
        return [one.scores for _, found in parts for one in found]

    here = bits(made(experiment, CPU, LocalExecutor(1)))
    assert noted == ["cpu"]
    noted.clear()
    evaluator = made(experiment, CUDA, Elsewhere(1))
    assert isinstance(evaluator.trainer, TrainerElsewhere)
    assert noted == ["cpu"]
    assert np.array_equal(bits(evaluator), here)
    assert noted == ["cpu", "cuda"]  # once for a job
    steps = evaluator.on_worker(steps_of)
    assert steps == evaluator.steps == evaluator.trainer.steps


def steps_of(trainer: Trainer, on_step: OnStep) -> int:
    return trainer.steps


def test_a_network_comes_back_on_the_cpu(small_experiment: Any, noted: list[str]) -> None:
    experiment = small_experiment()
    problem, data = experiment.problem, experiment.data
    family: Any = FamilyThatNotes(problem.family)
    splits = [(data.train, data.validation)]
    singles = Singles(family, splits, 0, CUDA, Elsewhere(1))
    single = Single(problem.space.baseline, replace(problem.training, epochs=1), 1)
    ((_, network),) = singles.train([single], lambda part: None)
    assert noted == ["cuda"]
    assert {one.device.type for one in network.model.parameters()} == {"cpu"}


def test_a_gpu_of_this_process_is_used_by_it_alone(small_experiment: Any) -> None:
    family = small_experiment().problem.family
    local, elsewhere = LocalExecutor(2), Elsewhere(2)
    assert executor_for(CPU, local, family, 64) is local
    assert executor_for(CPU, elsewhere, family, 64) is elsewhere
    assert executor_for(CUDA, elsewhere, family, 64) is elsewhere
    alone = executor_for(CUDA, local, family, 64), executor_for(CPU, None, family, 64)
    assert all(isinstance(one, LocalExecutor) and one.n_workers == 1 for one in alone)


def test_networks_that_do_not_train_as_one_batch_have_a_stream_each() -> None:
    family = CNNFamily(CNNArchitecture(1, Grid(8, 8), 2), (), ())
    each = family.bytes_per_child(family.default_width, 64)
    for memory, count in ((10**15, MOST_STREAMS), (3 * each, 3), (1, 1)):
        executor = executor_for(CUDA, LocalExecutor(2), family, 64, memory)
        assert isinstance(executor, StreamsExecutor)
        assert executor.n_workers == count


def test_the_memory_of_a_gpu_elsewhere_is_taken_for_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert default_limit_of(CUDA) == MEMORY_ELSEWHERE
