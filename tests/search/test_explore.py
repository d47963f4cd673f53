"""The search itself, with an evaluator that trains nothing: what is asked, trained and told."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optuna.samplers import BaseSampler

from autoequivariant.groups import Features, parse_domain, parse_symmetries
from autoequivariant.search import Problem, SearchSettings, make_problem
from autoequivariant.search.clock import Clock, Interrupted
from autoequivariant.search.explore import TRAINED_TOGETHER, explore
from autoequivariant.search.progress import Silent
from autoequivariant.search.samplers import ExhaustiveSampler
from autoequivariant.search.study import SearchStudy

Make = Callable[..., Problem]
FIVE = "hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2"


class Run:
    """One folder in which a problem is searched, perhaps several times."""

    def __init__(self, folder: Path, fake: Callable[..., Any]) -> None:
        self.folder = folder
        self.evaluator = fake()

    def search(self, problem: Problem, clock: Clock | None = None) -> str:
        study = SearchStudy(self.folder / "study.db", problem.candidates)
        clock = clock or Clock()
        try:
            return explore(problem, self.evaluator, study, clock, Silent(), lambda: 0.0)
        finally:
            self.states = study.states()
            self.trained = study.trained()
            self.values = [trial.value for trial in study.optuna.trials]
            study.close()


@pytest.fixture
def run(tmp_path: Path, fake_evaluator: Callable[..., Any]) -> Run:
    return Run(tmp_path, fake_evaluator)


def check_each_trained_once(run: Run, problem: Problem) -> None:
    assert set(Counter(run.evaluator.trained).values()) <= {1}
    assert set(run.evaluator.trained) == set(run.trained)
    for state, value in zip(run.states, run.values, strict=True):
        network = problem.network(state)
        assert value == run.evaluator.score(network).accuracy


@pytest.mark.parametrize("sampler", ["exhaustive", "random", "tpe"])
def test_every_distinct_network_is_trained_once(
    run: Run, small_problem: Make, sampler: str
) -> None:
    problem = small_problem(sampler=sampler)
    assert run.search(problem) == "complete"
    assert len(run.trained) == problem.distinct_networks == 8
    check_each_trained_once(run, problem)
    proposed = len(run.states)
    assert (proposed == 8) == (sampler == "exhaustive")

    trained = list(run.evaluator.trained)
    assert run.search(problem) == "complete"  # once more: nothing is asked or trained
    assert (run.evaluator.trained, len(run.states)) == (trained, proposed)


@pytest.mark.parametrize("sampler", ["exhaustive", "random", "tpe"])
@pytest.mark.parametrize("budget", [1, 5])
def test_the_budget_is_kept_and_a_larger_one_goes_on(
    run: Run, small_problem: Make, sampler: str, budget: int
) -> None:
    problem = small_problem(FIVE, sampler=sampler, budget=budget)
    assert run.search(problem) == "budget"
    assert len(run.trained) == budget
    first = list(run.evaluator.trained)
    problem = small_problem(FIVE, sampler=sampler, budget=12)
    assert run.search(problem) == "budget"
    assert len(run.trained) == 12
    assert run.evaluator.trained[:budget] == first
    check_each_trained_once(run, problem)


def test_auto_goes_on_from_tpe_to_all(run: Run, small_problem: Make) -> None:
    small = small_problem(FIVE, budget=5)
    assert (small.sampler, run.search(small)) == ("tpe", "budget")
    large = small_problem(FIVE, budget=250)
    assert (large.sampler, run.search(large)) == ("exhaustive", "complete")
    assert len(run.trained) == large.distinct_networks
    check_each_trained_once(run, large)


def test_exhaustive_goes_from_few_generators_to_many(run: Run, small_problem: Make) -> None:
    problem = small_problem(FIVE)
    run.search(problem)
    assert run.evaluator.trained == [n.members for n in problem.enumeration.networks]


def test_proposals_are_trained_together(run: Run, small_problem: Make) -> None:
    run.evaluator.at_once = 10
    run.search(small_problem(FIVE))
    assert run.evaluator.batches == [10, 10, 4]
    assert TRAINED_TOGETHER > 10


def test_a_sampler_that_only_repeats_comes_to_an_end(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_: object) -> BaseSampler:
        return ExhaustiveSampler(points, dict.fromkeys(points[0], (False, True)))

    names = ("hflip", "vflip", "swap_left_right")
    points = [dict.fromkeys(names, False), dict.fromkeys(names, True)]
    monkeypatch.setattr("autoequivariant.search.explore.make_sampler", stuck)
    monkeypatch.setattr("autoequivariant.search.explore.MOST_REPEATS", 40)
    problem = small_problem(sampler="random")
    assert run.search(problem) == "repeats"
    assert len(run.trained) == 2
    assert 40 <= len(run.states) <= 80
    proposed = len(run.states)
    assert run.search(problem) == "repeats"
    assert len(run.states) == proposed  # the next process knows that it had come to an end


class Stopping(Clock):
    """Stops after some checks; two are enough to train something."""

    def __init__(self, checks: int) -> None:
        super().__init__()
        self.left = checks

    def check(self, reserve: float = 0.0) -> None:
        if self.left == 0:
            raise Interrupted
        self.left -= 1


@pytest.mark.parametrize("sampler", ["exhaustive", "random", "tpe"])
def test_stopped_anywhere_it_goes_on_as_if_it_had_not_been(
    tmp_path: Path, small_problem: Make, fake_evaluator: Callable[..., Any], sampler: str
) -> None:
    problem = small_problem(FIVE, sampler=sampler, budget=12)
    runs = []
    for checks in (None, 2, 3):
        folder = tmp_path / str(checks)
        folder.mkdir()
        run = Run(folder, fake_evaluator)
        while checks and run.search(problem, Stopping(checks)) == "interrupted":
            check_each_trained_once_so_far(run)
        assert run.search(problem) == "budget"
        check_each_trained_once(run, problem)
        runs.append((run.states, run.evaluator.trained))
    assert runs[0] == runs[1] == runs[2]


def check_each_trained_once_so_far(run: Run) -> None:
    assert set(run.evaluator.trained) == set(run.trained)


def test_the_time_is_over(run: Run, small_problem: Make) -> None:
    clock = Clock(timeout=1e-6)
    assert run.search(small_problem(), clock) == "timeout"
    assert run.trained == {}


FORTY = {
    "table": ("features:41", ",".join(f"swap:{i}-{i + 1}" for i in range(40))),
    "sequence": ("sequence:60", ",".join(f"shift:{i}" for i in range(1, 41))),
}


@pytest.fixture(params=FORTY)
def forty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    shape, names = FORTY[request.param]
    domain = parse_domain(shape)
    x = np.random.default_rng(0).normal(size=(60, domain.size)).astype(np.float32)
    np.savez(tmp_path / "set.npz", x_train=x, y_train=np.arange(60) % 2)
    layers = (domain,) if isinstance(domain, Features) else None
    yield {
        "data": str(tmp_path / "set.npz"),
        "kind": domain.kind,
        "symmetries": parse_symmetries(names),
        "layers": layers,
        "channels": 1,
        "train_size": 30,
        "validation_size": 10,
    }


@pytest.mark.parametrize("sampler", ["auto", "random"])
def test_forty_candidates_do_not_hang(
    forty: dict[str, Any], run: Run, sampler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoequivariant.search.explore.MOST_REPEATS", 40)
    start = time.monotonic()
    problem = make_problem(SearchSettings(**forty, sampler=sampler, budget=20))
    assert run.search(problem) in ("budget", "complete", "repeats")
    assert 1 <= len(run.trained) <= 20
    check_each_trained_once(run, problem)
    for members in run.trained:
        generators = problem.generators(members)
        assert set(problem.lattice.closure(generators)) == set(members)
    assert time.monotonic() - start < 60
