"""A search without rounds: a network is proposed whenever a worker is free."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import TrialState

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.lattice import Lattice
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.samplers.sampler import SearchSampler
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock

from .searches import Run, Stopping, check_each_trained_once, make_easy

Make = Callable[..., Problem]
FIVE = "hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2"
TWELVE = ",".join(map(str, paper_candidates(step=2)))
PROPOSING = ["lattice", "random", "tpe", "nsga2", "dqn"]


def free(make: Make, *symmetries: str, **options: object) -> Problem:
    return make(*symmetries, deterministic=False, **options)


@pytest.fixture
def no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lattice search never converges."""
    monkeypatch.setattr("autoequivariant.searching.samplers.lattice.MIN_IMPROVEMENT", -1.0)


@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize("sampler", PROPOSING)
def test_every_distinct_network_is_trained_once_on_busy_workers(
    run: Run, small_problem: Make, sampler: str
) -> None:
    run.evaluator.n_workers = 5
    problem = free(small_problem, FIVE, sampler=sampler, budget=20)
    assert run.search(problem) == "budget"
    assert len(run.trained) == 20
    check_each_trained_once(run, problem)
    assert run.evaluator.batches[:10] == [5] * 10  # nobody waits while new ones are proposed
    trained = list(run.evaluator.trained)
    assert run.search(problem) == "budget"  # once more: nothing is trained
    assert run.evaluator.trained == trained


@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize("sampler", PROPOSING)
def test_a_search_stopped_anywhere_trains_nothing_twice(
    run: Run, small_problem: Make, sampler: str
) -> None:
    run.evaluator.n_workers = 3
    problem = free(small_problem, FIVE, sampler=sampler, budget=12)
    while run.search(problem, Stopping(9)) == "interrupted":
        run.evaluator.trained = list(run.trained)  # what was running is trained again
    assert len(run.trained) == 12
    check_each_trained_once(run, problem)


def test_a_small_space_is_trained_whole(run: Run, small_problem: Make) -> None:
    run.evaluator.n_workers = 50
    problem = free(small_problem, sampler="tpe")
    assert run.search(problem) == "complete"
    assert len(run.trained) == problem.space.size == 8
    check_each_trained_once(run, problem)


def test_the_lattice_converges_once_nothing_is_running(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_at_the_end: list[int] = []

    class Watched(Lattice):
        def has_converged(self, sampler: Any, study: Study, n_trained: int) -> bool:
            found = super().has_converged(sampler, study, n_trained)
            if found:
                states = (TrialState.RUNNING,)
                running_at_the_end.append(len(study.get_trials(deepcopy=False, states=states)))
            return found

    monkeypatch.setitem(SAMPLERS, "watched", Watched)
    make_easy(run, monkeypatch, lambda child: 20 - 4 * len({1, 6} ^ set(child.members)))
    run.evaluator.n_workers = 4
    problem = free(small_problem, TWELVE, sampler="watched")
    assert run.search(problem) == "converged"
    assert len(run.trained) < problem.space.size
    assert max(run.trained, key=lambda key: run.trained[key].score)[0] == (1, 6)
    assert running_at_the_end[-1] == 0


def test_the_sampler_is_told_what_is_running_and_repeats_wait_for_it(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It proposes each network twice in a row."""
    seen: list[int] = []

    class Twice(BaseSampler):
        def __init__(self, points: Iterator[dict[str, Any]]) -> None:
            self.points = points

        def infer_relative_search_space(self, study: Study, trial: Any) -> dict[str, Any]:
            return dict(self.distributions)

        def sample_relative(self, study: Study, trial: Any, space: Any) -> dict[str, Any]:
            states = (TrialState.RUNNING,)
            seen.append(len(study.get_trials(deepcopy=False, states=states)))
            return next(self.points)

        def sample_independent(self, *_: Any) -> Any:
            raise AssertionError

    class Pairs(SearchSampler[Twice]):
        def make(self, space: Any, *_: object) -> Twice:
            children: list[Child] = [child for child in space.children for _ in range(2)]
            sampler = Twice(space.point(child) for child in children)
            sampler.distributions = space.distributions  # type: ignore[attr-defined]
            return sampler

    monkeypatch.setitem(SAMPLERS, "pairs", Pairs)
    run.evaluator.n_workers = 3
    problem = free(small_problem, sampler="pairs", budget=6)
    assert run.search(problem) == "budget"
    assert len(run.trained) == 6
    assert len(run.proposed) >= 2 * 6 - 1
    assert None not in run.values  # repeats were told as well
    assert max(seen) > 2
    check_each_trained_once(run, problem)


def test_more_workers_than_a_round_has_proposals_do_without_rounds(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    for name in ("search_in_rounds", "search_continuously"):
        path = f"autoequivariant.searching.exploring.explore.{name}"
        monkeypatch.setattr(path, lambda *_, name=name: used.append(name) or "budget")
    for workers, wanted in [(16, None), (17, None), (17, True), (2, False)]:
        run.evaluator.n_workers = workers
        run.search(small_problem(sampler="random", deterministic=wanted))
    assert used == [
        "search_in_rounds",
        "search_continuously",
        "search_in_rounds",
        "search_continuously",
    ]


def test_a_deadline_ends_it(run: Run, small_problem: Make) -> None:
    assert run.search(free(small_problem, sampler="tpe"), Clock(timeout=1e-6)) == "timeout"
    assert run.trained == {}


def test_workers_wait_where_only_neighbours_of_the_leader_are_tried(run: Run) -> None:
    """With more workers than there are neighbours, no other network is trained meanwhile."""
    settings = SearchSettings(
        "digits",
        network="cnn",
        symmetries=parse_symmetries("hflip,vflip,rot90"),
        augmentations=("rotation", "hflip", "shear"),
        sampler="lattice",
        train_size=60,
        validation_size=40,
        deterministic=False,
    )
    problem = make_experiment(settings).problem
    run.evaluator.n_workers = 32
    assert problem.space.one_at_a_time
    assert run.search(problem) == "converged"
    first = {child.key for child in problem.space.first}
    assert set(run.evaluator.trained[: len(first)]) == first
    assert run.evaluator.batches[0] == len(first) < 32
    assert len(run.proposed) < 10 * len(run.trained)
    check_each_trained_once(run, problem)
