"""The search itself, with an evaluator that trains nothing: what is asked, trained and told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optuna.samplers import PartialFixedSampler, RandomSampler

from autoequivariant.evidence.verdict import Answer, Verdict
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Features, parse_domain
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.samplers.sampler import SearchSampler
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock

from .searches import (
    Run,
    Stopping,
    check_each_trained_once,
    check_each_trained_once_so_far,
    make_easy,
)

Make = Callable[..., Problem]
TWELVE = ",".join(map(str, paper_candidates(step=2)))
FIVE = "hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2"


@pytest.mark.slow
@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize("sampler", ["exhaustive", "lattice", "random", "tpe", "nsga2"])
def test_every_distinct_network_is_trained_once(
    run: Run, small_problem: Make, sampler: str
) -> None:
    problem = small_problem(sampler=sampler)
    assert run.search(problem) == "complete"
    assert len(run.trained) == problem.space.size == 8
    check_each_trained_once(run, problem)
    proposed = len(run.proposed)
    assert (proposed == 8) == (sampler in ("exhaustive", "lattice"))

    trained = list(run.evaluator.trained)
    assert run.search(problem) == "complete"  # once more: nothing is asked or trained
    assert (run.evaluator.trained, len(run.proposed)) == (trained, proposed)


@pytest.mark.slow
@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize("sampler", ["exhaustive", "lattice", "random", "tpe", "nsga2"])
@pytest.mark.parametrize("budget", [1, 5])
def test_a_larger_budget_resumes(run: Run, small_problem: Make, sampler: str, budget: int) -> None:
    problem = small_problem(FIVE, sampler=sampler, budget=budget)
    assert run.search(problem) == "budget"
    assert len(run.trained) == budget
    first = list(run.evaluator.trained)
    problem = small_problem(FIVE, sampler=sampler, budget=12)
    assert run.search(problem) == "budget"
    assert len(run.trained) == 12
    assert run.evaluator.trained[:budget] == first
    check_each_trained_once(run, problem)


def test_auto_continues_from_lattice_to_exhaustive(run: Run, small_problem: Make) -> None:
    small = small_problem(FIVE, budget=5)
    assert (small.sampler, run.search(small)) == ("lattice", "budget")
    large = small_problem(FIVE, budget=250)
    assert (large.sampler, run.search(large)) == ("exhaustive", "complete")
    assert len(run.trained) == large.space.size
    check_each_trained_once(run, large)


def test_exhaustive_goes_from_few_generators_to_many(run: Run, small_problem: Make) -> None:
    problem = small_problem(FIVE)
    run.search(problem)
    assert run.evaluator.trained == [child.key for child in problem.space.children]


@pytest.mark.slow
@pytest.mark.usefixtures("no_end")
def test_the_lattice_screens_in_one_batch_and_continues_in_small_ones(
    run: Run, small_problem: Make
) -> None:
    run.evaluator.at_once = 10
    problem = small_problem(FIVE, sampler="lattice", budget=16)
    assert run.search(problem) == "budget"
    assert run.evaluator.batches == [1, 5, 4, 4, 2]
    singles = [problem.space.child({k}).key for k in range(5)]
    assert run.evaluator.trained[:6] == [problem.space.baseline.key, *singles]


@pytest.mark.slow
@pytest.mark.parametrize("best", [(1, 6), (2, 7)])
def test_a_lattice_search_converges_on_the_best(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch, best: tuple[int, ...]
) -> None:
    def good(child: Child) -> int:
        members = set(child.members)
        return 4 * len(members & set(best)) - 6 * len(members - set(best))

    make_easy(run, monkeypatch, good)
    problem = small_problem(TWELVE)
    assert (problem.sampler, problem.space.size) == ("lattice", 148)
    assert run.search(problem) == "converged"
    assert len(run.trained) < 148 // 3
    assert max(run.trained, key=lambda key: run.trained[key].score)[0] == best
    proposed = list(run.proposed)
    assert run.search(problem) == "converged"  # so does the next process
    assert run.proposed == proposed


def test_it_does_not_converge_on_single_symmetries_alone(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With equal scores no improvement is expected; but joins may be better."""
    make_easy(run, monkeypatch, lambda child: 0)
    assert run.search(small_problem(FIVE, sampler="lattice", budget=11)) == "budget"
    assert run.search(small_problem(FIVE, sampler="lattice")) == "converged"
    assert 12 <= len(run.trained) < 24


@pytest.mark.parametrize("sampler", ["exhaustive", "random", "tpe", "nsga2"])
def test_other_samplers_do_not_converge(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch, sampler: str
) -> None:
    make_easy(run, monkeypatch, lambda child: -10 * len(child.members))
    assert run.search(small_problem(sampler=sampler)) == "complete"


@pytest.mark.slow
@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize("sampler", ["exhaustive", "lattice", "random", "tpe", "nsga2"])
def test_two_objectives_and_widths(run: Run, small_problem: Make, sampler: str) -> None:
    problem = small_problem("hflip,vflip", sampler=sampler, objective="score,parameters")
    assert problem.space.size == 8
    assert run.search(problem) == "complete"
    assert set(run.trained) == {child.key for child in problem.space.children}
    assert {len(values) for values in run.values} == {2}
    check_each_trained_once(run, problem)


def test_proposals_are_trained_together(run: Run, small_problem: Make) -> None:
    run.evaluator.at_once = 10
    run.search(small_problem(FIVE))
    assert run.evaluator.batches == [10, 10, 4]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_that_only_repeats_is_stopped(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stuck(SearchSampler[PartialFixedSampler]):
        def make(self, *_: object) -> PartialFixedSampler:
            fixed = {"vflip": False, "swap_left_right": False}
            return PartialFixedSampler(fixed, RandomSampler(seed=0))

    monkeypatch.setitem(SAMPLERS, "stuck", Stuck)
    monkeypatch.setattr("autoequivariant.searching.exploring.rounds.MOST_REPEATS", 40)
    problem = small_problem(sampler="stuck")
    assert run.search(problem) == "repeats"
    assert len(run.trained) == 2
    assert 40 <= len(run.proposed) <= 80
    proposed = len(run.proposed)
    assert run.search(problem) == "repeats"
    assert len(run.proposed) == proposed  # the next process stops at once


@pytest.mark.slow
@pytest.mark.usefixtures("no_end")
@pytest.mark.parametrize(
    ("sampler", "objective"),
    [
        ("exhaustive", "score"),
        ("lattice", "score"),
        ("lattice", "score,parameters"),
        ("random", "score"),
        ("tpe", "score"),
        ("nsga2", "score,parameters"),
    ],
)
def test_a_search_stopped_anywhere_resumes_as_if_uninterrupted(
    tmp_path: Path,
    small_problem: Make,
    fake_evaluator: Callable[..., Any],
    sampler: str,
    objective: str,
) -> None:
    problem = small_problem(FIVE, sampler=sampler, objective=objective, budget=12)
    runs = []
    for checks in (None, 2, 3):
        folder = tmp_path / str(checks)
        folder.mkdir()
        run = Run(folder, fake_evaluator)
        while checks and run.search(problem, Stopping(checks)) == "interrupted":
            check_each_trained_once_so_far(run)
        assert run.search(problem) == "budget"
        check_each_trained_once(run, problem)
        runs.append((run.proposed, run.evaluator.trained))
    assert runs[0] == runs[1] == runs[2]


def test_a_deadline_in_the_past(run: Run, small_problem: Make) -> None:
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


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["auto", "random"])
def test_forty_candidates_are_not_enumerated(
    forty: dict[str, Any], run: Run, sampler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoequivariant.searching.exploring.rounds.MOST_REPEATS", 40)
    problem = make_experiment(SearchSettings(**forty, sampler=sampler, budget=20)).problem
    assert len(problem.space.children) <= 500
    assert run.search(problem) in ("budget", "complete", "converged", "repeats")
    assert 1 <= len(run.trained) <= 20
    check_each_trained_once(run, problem)
    for members, channels in run.trained:
        generators = problem.space.smallest_generators(problem.space.child(members, channels))
        assert set(problem.family.closure(generators)) == set(members)


# --- what the data say comes first ---------------------------------------------------------------


def with_answers(problem: Problem, **answers: Answer) -> Problem:
    names = [str(one) for one in problem.candidates]
    return problem.with_verdicts(
        [Verdict(name, answers.get(name, "undecided"), "") for name in names]
    )


SAMPLERS_OF_PROPOSALS = ["lattice", "random", "tpe", "nsga2"]


@pytest.mark.parametrize("sampler", ["exhaustive", *SAMPLERS_OF_PROPOSALS])
def test_the_start_and_its_neighbours_are_trained_first(
    run: Run, small_problem: Make, sampler: str
) -> None:
    raw = small_problem(FIVE, sampler=sampler, budget=7)
    problem = with_answers(raw, hflip="holds", swap_left_right="holds", vflip="does not hold")
    first = problem.space.first
    members = [child.members for child in first]
    assert members[:2] == [(), (0, 2)]
    assert sorted(members[2:4]) == [(0,), (2,)]
    assert len(members) == 6
    assert run.search(problem) in ("budget", "converged")
    assert run.evaluator.trained[:6] == [child.key for child in first]
    assert list(run.proposed[:6]) == [problem.space.point(child) for child in first]
    assert all(1 not in members for members, _ in run.trained)
    check_each_trained_once(run, problem)


@pytest.mark.parametrize("sampler", SAMPLERS_OF_PROPOSALS)
def test_a_search_with_a_start_resumes_as_if_uninterrupted(
    tmp_path: Path,
    small_problem: Make,
    fake_evaluator: Callable[..., Any],
    sampler: str,
) -> None:
    problem = with_answers(small_problem(FIVE, sampler=sampler, budget=9), hflip="holds")
    runs = []
    for checks in (None, 2, 3):
        folder = tmp_path / str(checks)
        folder.mkdir()
        run = Run(folder, fake_evaluator)
        while checks and run.search(problem, Stopping(checks)) == "interrupted":
            check_each_trained_once_so_far(run)
        assert run.search(problem) == "budget"
        runs.append((run.proposed, run.evaluator.trained))
    assert runs[0] == runs[1] == runs[2]


def test_where_the_data_decide_only_the_use_is_left(run: Run, small_problem: Make) -> None:
    answers: dict[str, Answer] = dict.fromkeys(FIVE.split(","), "does not hold")
    problem = with_answers(small_problem(FIVE), **answers | {"hflip": "holds", "vflip": "holds"})
    assert problem.is_decided
    assert run.search(problem) == "decided"
    trained = [members for members, _ in run.evaluator.trained]
    assert trained == [(), (0, 1), (1,), (0,)]
    assert run.search(problem) == "decided"
    assert len(run.evaluator.trained) == 4


def test_a_decided_search_respects_the_budget(run: Run, small_problem: Make) -> None:
    answers: dict[str, Answer] = dict.fromkeys(FIVE.split(","), "does not hold")
    problem = with_answers(
        small_problem(FIVE, budget=2), **answers | {"hflip": "holds", "vflip": "holds"}
    )
    assert run.search(problem) == "budget"
    assert [members for members, _ in run.evaluator.trained] == [(), (0, 1)]


def test_where_nothing_holds_a_decided_search_trains_the_baseline(
    run: Run, small_problem: Make
) -> None:
    problem = with_answers(small_problem(FIVE), **dict.fromkeys(FIVE.split(","), "does not hold"))
    assert run.search(problem) == "decided"
    assert [members for members, _ in run.evaluator.trained] == [()]


def test_a_sampler_that_is_asked_for_is_asked(run: Run, small_problem: Make) -> None:
    """Even where nothing is left to decide."""
    answers: dict[str, Answer] = dict.fromkeys(FIVE.split(","), "holds")
    problem = with_answers(small_problem(FIVE, sampler="exhaustive"), **answers)
    assert not problem.is_decided
    assert run.search(problem) == "complete"
    assert len(run.trained) == problem.space.size == 24


def test_with_a_start_the_lattice_may_end_after_its_neighbours(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_easy(run, monkeypatch, lambda child: 20 - 10 * len({0} ^ set(child.members)))
    problem = with_answers(small_problem(FIVE, sampler="lattice"), hflip="holds")
    assert run.search(problem) == "converged"
    assert len(problem.space.first) <= len(run.trained) < problem.space.size


def test_a_search_ends_with_what_holds_unless_a_neighbour_is_clearly_better(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_easy(run, monkeypatch, lambda child: 20 - 10 * len({0} ^ set(child.members)))
    problem = with_answers(small_problem(FIVE), hflip="holds")
    assert run.search(problem) == "decided"
    assert len(run.trained) == len(problem.space.first)


def test_a_better_neighbour_of_what_holds_keeps_the_search_going(
    run: Run, small_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_easy(run, monkeypatch, lambda child: 20 - 5 * len({0, 2, 3} ^ set(child.members)))
    problem = with_answers(small_problem(FIVE), hflip="holds")
    assert run.search(problem) in ("complete", "converged")
    assert len(run.trained) > len(problem.space.first)
