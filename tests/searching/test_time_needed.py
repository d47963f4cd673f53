"""How long a run may take: more for more networks, and nothing is trained by asking."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching import run
from autoequivariant.searching import time_needed as module
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.time_needed import seconds_needed, seconds_to_train
from autoequivariant.training.executors.local import LocalExecutor


def images(n: int = 60) -> Samples:
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    x = rng.normal(size=(n, 16, 16)) + y[:, None, None]
    return make_samples("images", Arrays(x, y, x[:10], y[:10]))


def made(**options: Any) -> Experiment:
    settings = {"augmentations": (), "tests": False, "epochs": 20} | options
    return make_experiment(SearchSettings("images", **settings), images())


def needed(experiment: Experiment, folds: int = 5, rivals: bool = False) -> float | None:
    problem, data = experiment.problem, experiment.data
    evaluator = problem.evaluator(data.train, data.validation, LocalExecutor(1))
    return seconds_needed(problem, evaluator, evaluator, folds, 2, rivals)


def test_a_few_steps_stand_for_all() -> None:
    experiment = made()
    data, problem = experiment.data, experiment.problem
    evaluator = problem.evaluator(data.train, data.validation, LocalExecutor(1))
    seconds = seconds_to_train(evaluator, problem.space.baseline)
    assert seconds > 0
    short = problem.evaluator(
        data.train, data.validation, LocalExecutor(1), problem.full_training(1)
    )
    assert short.steps == evaluator.steps  # --epochs counts for both


@pytest.fixture
def a_second_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "seconds_to_train", lambda evaluator, child: 1.0)


@pytest.mark.usefixtures("a_second_each")
def test_more_networks_folds_and_rivals_take_longer() -> None:
    small, large = made(symmetries=None, budget=2), made(symmetries=None)
    least = needed(small)
    assert least is not None
    for more in (needed(large), needed(small, folds=10), needed(small, rivals=True)):
        assert more is not None
        assert more > least


@pytest.mark.usefixtures("a_second_each")
def test_evidence_for_undecided_candidates_takes_time() -> None:
    asked = made(symmetries=parse_symmetries("hflip,vflip"), tests=True)
    smallest = made(symmetries=parse_symmetries("hflip,vflip"), tests=True, smallest=True)
    more, less = needed(asked), needed(smallest)
    assert more is not None and less is not None
    assert more - less == 2 * 5 / 2  # two candidates, five folds, two workers


@pytest.mark.usefixtures("a_second_each")
def test_networks_that_are_trained_together_are_not_timed() -> None:
    assert needed(made(network="mlp", augmentations=None)) is None


def test_a_search_says_it_before_it_trains(tmp_path: Path) -> None:
    told: list[float | None] = []
    settings = SearchSettings("images", augmentations=(), tests=False, epochs=1, budget=2)
    for _ in range(2):  # the second run only reads
        search(settings, tmp_path / "run", announce=lambda _, s: told.append(s), samples=images())
    first, second = told
    assert first is not None and first > 0
    assert second is None


def test_a_time_limit_shortens_the_final_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []
    whole = run.train_final

    def noted(*arguments: Any) -> Any:
        trained.append(arguments[-1].epochs)
        return whole(*arguments)

    monkeypatch.setattr(run, "train_final", noted)
    monkeypatch.setattr(run, "seconds_to_train", lambda evaluator, child: 1e6)
    for timeout, expected in ((None, 3), (600.0, 1)):
        options: dict[str, Any] = {"augmentations": (), "tests": False, "epochs": 3, "budget": 1}
        settings = SearchSettings("images", timeout=timeout, **options)
        search(settings, tmp_path / str(expected), samples=images())
        assert trained.pop() == expected
