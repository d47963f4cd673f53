"""Children train on the GPUs of workers though the calling process has none."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.searching.experiment import Experiment
from autoequivariant.training.elsewhere import TrainerElsewhere, executor_for
from autoequivariant.training.evaluator import MEMORY_ELSEWHERE, Evaluator, default_limit_of
from autoequivariant.training.executors.executor import Job, OnStep
from autoequivariant.training.executors.local import LocalExecutor
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


def test_a_gpu_of_this_process_is_used_by_it_alone() -> None:
    local, elsewhere = LocalExecutor(2), Elsewhere(2)
    assert executor_for(CPU, local) is local
    assert executor_for(CPU, elsewhere) is elsewhere
    assert executor_for(CUDA, elsewhere) is elsewhere
    assert executor_for(CUDA, local).n_workers == executor_for(CPU, None).n_workers == 1


def test_the_memory_of_a_gpu_elsewhere_is_taken_for_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert default_limit_of(CUDA) == MEMORY_ELSEWHERE
