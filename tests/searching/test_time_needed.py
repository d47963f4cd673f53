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
from autoequivariant.searching.fit import fit
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import search
from autoequivariant.searching.session import SecondsNeeded
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.time_needed import (
    seconds_needed,
    seconds_of_full_fit,
    seconds_to_train,
    training_in_time,
)
from autoequivariant.training.clock import Clock
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.mlp.family import MLPFamily


def images(n: int = 60) -> Samples:
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    x = rng.normal(size=(n, 16, 16)) + y[:, None, None]
    return make_samples("images", Arrays(x, y, x[:10], y[:10]))


def made(**options: Any) -> Experiment:
    settings = {"augmentations": (), "tests": False, "epochs": 20} | options
    return make_experiment(SearchSettings("images", **settings), images())


def needed(experiment: Experiment, rivals: bool = False, workers: int = 2) -> float | None:
    problem, data = experiment.problem, experiment.data
    evaluator = problem.evaluator(data.train, data.validation, LocalExecutor(1))
    return seconds_needed(experiment, evaluator, evaluator, workers, rivals)


def test_a_few_steps_stand_for_all() -> None:
    experiment = made()
    data, problem = experiment.data, experiment.problem
    evaluator = problem.evaluator(data.train, data.validation, LocalExecutor(1))
    seconds = seconds_to_train(evaluator, problem.space.baseline)
    assert seconds > 0
    assert seconds_to_train(evaluator, *problem.space.first[:2]) > 0
    short = problem.evaluator(
        data.train, data.validation, LocalExecutor(1), problem.full_training(1)
    )
    assert short.steps == evaluator.steps  # --epochs counts for both


@pytest.fixture
def a_second_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "seconds_to_train", lambda evaluator, *children, check=None: 1.0)


@pytest.mark.usefixtures("a_second_each")
def test_more_networks_folds_and_rivals_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = made(symmetries=None, budget=2), made(symmetries=None)
    monkeypatch.setattr(module, "fold_count", lambda data: 5)
    least, several, rivals = needed(small), needed(large), needed(small, rivals=True)
    monkeypatch.setattr(module, "fold_count", lambda data: 10)
    for more in (several, rivals, needed(small)):
        assert more is not None and least is not None
        assert more > least


@pytest.mark.usefixtures("a_second_each")
@pytest.mark.parametrize(("workers", "seconds"), [(1, 3), (2, 2), (8, 2)])
def test_two_of_the_rivals_train_side_by_side(workers: int, seconds: float) -> None:
    some = made(symmetries=None, budget=2)
    more, less = (needed(some, rivals=rivals, workers=workers) for rivals in (True, False))
    assert more is not None and less is not None
    assert more - less == pytest.approx(seconds)


@pytest.mark.usefixtures("a_second_each")
def test_evidence_for_undecided_candidates_takes_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fold_count", lambda data: 5)
    asked = made(symmetries=parse_symmetries("hflip,vflip"), tests=True)
    smallest = made(symmetries=parse_symmetries("hflip,vflip"), tests=True, smallest=True)
    more, less = needed(asked), needed(smallest)
    assert more is not None and less is not None
    assert more - less == 2 * 5 / 2  # two candidates, five folds, two workers


@pytest.mark.usefixtures("a_second_each")
def test_networks_that_are_trained_together_are_timed_before_a_full_fit_alone() -> None:
    assert needed(made(network="mlp", augmentations=None)) is None
    full = needed(made(network="mlp", augmentations=None, fit="full"))
    assert full is not None and full > 0


@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_a_full_fit_takes_longer_the_more_it_tries(
    monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    experiment = made(network=network, augmentations=None, fit="full", fit_time=1e9)

    def seconds(each: float = 1.0, networks: int = 2, workers: int = 2) -> float:
        return seconds_of_full_fit(experiment, each, networks, workers)

    monkeypatch.setattr(module, "scored_folds", lambda data: 1)
    moves = len(experiment.problem.family.moves)
    assert seconds() == 5 * moves + 2
    assert seconds(each=3.0) == 3 * seconds()
    assert seconds(networks=1) == seconds() / 2 + 1
    assert seconds(workers=1) == 2 * seconds()
    monkeypatch.setattr(module, "scored_folds", lambda data: 4)
    assert seconds() == 5 * moves * 4 + 2


def test_a_full_fit_ends_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(network: str, each: float, workers: int = 2) -> float:
        experiment = made(network=network, augmentations=None, fit="full", fit_time=60.0)
        return seconds_of_full_fit(experiment, each, 2, workers)

    assert seconds("cnn", 59.0) == 60  # measured
    assert seconds("cnn", 70.0) == 70  # nothing else is tried
    # Nominal: on one core that is three times as slow, and of two that are twice as fast.
    monkeypatch.setattr(MLPFamily, "nominal_seconds", lambda *_: 40.0)
    assert seconds("mlp", 120.0, workers=1) == 2 * 120
    assert seconds("mlp", 20.0) == 20
    monkeypatch.setattr(MLPFamily, "nominal_seconds", lambda *_: 20.0)
    assert seconds("mlp", 60.0, workers=1) == 3 * 60
    assert seconds("mlp", 10.0) == 60 / 2 / 2


@pytest.mark.parametrize(("options", "is_timed"), [({}, False), ({"fit": "full"}, True)])
def test_a_search_of_mlps_says_it_before_a_full_fit(
    tmp_path: Path, options: dict[str, Any], is_timed: bool
) -> None:
    told: list[float | None] = []

    def announce(_: Problem, needed: SecondsNeeded | None) -> None:
        told.append(None if needed is None else needed())

    limit = {"fit_time": 1e-6} if options else {}
    settings = SearchSettings("images", network="mlp", tests=False, epochs=1, **options, **limit)
    search(settings, tmp_path / "run", announce=announce, samples=images())
    (seconds,) = told
    assert (seconds is not None and seconds > 0) == is_timed


def test_a_search_says_it_before_it_trains(tmp_path: Path) -> None:
    told: list[float | None] = []

    def announce(_: Problem, needed: SecondsNeeded | None) -> None:
        assert not list(tmp_path.glob("run/model*"))
        told.append(None if needed is None else needed())

    settings = SearchSettings("images", augmentations=(), tests=False, epochs=1, budget=2)
    search(settings, tmp_path / "run", announce=announce, samples=images())
    assert told[0] is not None and told[0] > 0
    resumed: list[SecondsNeeded | None] = []
    search(settings, tmp_path / "run", announce=lambda _, s: resumed.append(s), samples=images())
    assert resumed == [None]


def test_the_time_is_measured_only_if_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "seconds_to_train", None)
    monkeypatch.setattr(run, "seconds_needed", None)
    settings = SearchSettings("images", augmentations=(), tests=False, epochs=1, budget=2)
    told: list[Problem] = []
    search(settings, tmp_path / "run", announce=lambda p, _: told.append(p), samples=images())
    assert len(told) == 1


def test_a_time_limit_shortens_the_final_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    whole = fit.train_final

    def noted(*arguments: Any) -> Any:
        limits.extend({one.training.seconds for one in arguments[2].values()})
        return whole(*arguments)

    monkeypatch.setattr(fit, "train_final", noted)
    for timeout, refits in ((None, 1), (600.0, 0), (600.0, 1)):
        options: dict[str, Any] = {"augmentations": (), "tests": False, "epochs": 3, "budget": 1}
        settings = SearchSettings("images", timeout=timeout, **options)
        search(settings, tmp_path / f"{timeout} {refits}", samples=images(), refits=refits)
    without, limited, shared = limits
    assert without is None
    assert limited is not None and 0 < limited < 600
    assert shared is not None and 0 < shared < 300


class FixedClock(Clock):
    """A clock that stands still."""

    elapsed = 40.0


@pytest.mark.parametrize(
    ("timeout", "rounds", "seconds"), [(None, 1, None), (60.0, 1, 18.0), (60.0, 3, 6.0), (30, 1, 0)]
)
def test_trainings_share_what_is_left(
    timeout: float | None, rounds: int, seconds: float | None
) -> None:
    training = training_in_time(made().problem, 60, FixedClock(timeout), rounds)
    assert training.seconds == (None if seconds is None else pytest.approx(seconds))
    assert training.epochs == 20
