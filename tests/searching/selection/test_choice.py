"""The simplest network that is not distinguishable from the best is chosen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.folds import fold_count, joined
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.outcome import leaders_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, choose, decide, front, leading
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

CASES: dict[str, tuple[dict[str, int], int]] = {
    # correct answers and parameters of each network; number of the chosen one
    "the best itself, if all others are behind": ({"1111111111": 9, "1111100000": 5}, 0),
    "the smaller of two that are the same": ({"1111111110": 9, "1111111101": 5}, 1),
    "the smallest, however it is ordered": (
        {"1111111100": 7, "1111111010": 3, "1111111001": 5},
        1,
    ),
    "not the smallest, if that is behind": (
        {"1111111110": 9, "1111111101": 5, "1111000000": 1},
        1,
    ),
    "not the best, if one more sample is not significant": ({"1111111111": 9, "1111111110": 5}, 1),
    "the best, if it also is the smallest": ({"1111111111": 5, "1111111110": 9}, 0),
    "the better of two of one size": ({"1111110000": 9, "1111101000": 5, "1111101100": 5}, 2),
    "the only one": ({"0000": 5}, 0),
}


def evaluation(text: str, n_parameters: int) -> Evaluation:
    return Evaluation(np.array([c == "1" for c in text]), n_parameters, 0.0)


def child(number: int) -> Child:
    return Child((number,), (number,), 2)


@pytest.mark.parametrize("case", CASES)
def test_decide(case: str) -> None:
    rows, expected = CASES[case]
    # two seeds: the first and the second half of the samples
    found = {
        child(number): [
            evaluation(text[: len(text) // 2], n_parameters),
            evaluation(text[len(text) // 2 :], n_parameters),
        ]
        for number, (text, n_parameters) in enumerate(rows.items())
    }
    n_parameters = {one: evaluations[0].n_parameters for one, evaluations in found.items()}
    choice = decide(found, child(0), 2, lambda one: (n_parameters[one],))
    assert choice.chosen.child == child(expected)
    shares = [text.count("1") / len(text) for text in rows]
    assert choice.best.score == max(shares)
    assert [f.score for f in choice.finalists] == sorted(shares, reverse=True)
    assert choice.best.behind.mean == 0
    assert (choice.folds, choice.samples) == (2, len(next(iter(rows))))
    assert {finalist.folds for finalist in choice.finalists} == {2}


def test_decide_does_not_depend_on_the_order() -> None:
    rows = CASES["not the smallest, if that is behind"][0]
    items = list(rows.items())
    chosen = set()
    n_parameters = {child(k): count for k, (_, count) in enumerate(items)}
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        found = {child(k): [evaluation(*items[k])] for k in order}
        chosen.add(decide(found, child(0), 1, lambda one: (n_parameters[one],)).chosen.child)
    assert chosen == {child(1)}


def test_the_simplest_of_equal_networks_is_chosen() -> None:
    found = {
        child(k): [evaluation("1" * 20, n_parameters)] for k, n_parameters in enumerate((5, 9, 7))
    }
    for preferred in found:
        choice = decide(found, child(0), 1, lambda one: (int(one != preferred),))  # noqa: B023
        assert choice.chosen.child == preferred


@pytest.fixture
def study(
    small_experiment: Callable[..., Experiment], fake_evaluator: Any, tmp_path: Path
) -> Iterator[tuple[Problem, FoldTrainer]]:
    experiment = small_experiment("hflip,vflip,swap_left_right,swap_top_bottom")
    problem = experiment.problem
    made = SearchStudy(tmp_path / "study.db", problem.space.distributions)
    children = problem.space.children
    made.record(children, 0, [fake_evaluator.score(child) for child in children])
    yield problem, FoldTrainer(experiment, made, LocalExecutor(1), Clock(), NoProgress())
    made.close()


def test_leading(study: tuple[Problem, FoldTrainer]) -> None:
    problem, memory = study[0], study[1].study
    scores = {c.key: memory.trained()[c.key].score for c in leading(problem, memory, 5)}
    assert len(scores) == 5
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    others = [e.score for key, e in memory.trained().items() if key not in scores]
    assert min(scores.values()) >= max(others)


@pytest.mark.parametrize("pruned", [True, False])
def test_pruned_networks_never_lead(
    small_problem: Callable[..., Problem], fake_evaluator: Any, tmp_path: Path, pruned: bool
) -> None:
    problem = small_problem()
    children = problem.space.children
    # After the first epochs these two are ahead of all; their final scores are unknown.
    early = {children[3]: evaluation("1" * 50, 900), children[5]: evaluation("1" * 49 + "0", 1)}
    memory = SearchStudy(tmp_path / "study.db", problem.space.distributions)
    for one in children:
        early_end = early.get(one)
        found = fake_evaluator.score(one)
        if early_end is not None:
            found = replace(early_end, curve=(early_end.score,), pruned=pruned)
        memory.record([one], 0, [found])
    leaders, ahead = leading(problem, memory, 8), front(problem, memory)
    assert len(leaders) == (6 if pruned else 8)
    for one in early:
        assert (one in leaders) == (one in ahead) == (not pruned)
    rows = leaders_of(problem, memory)
    assert (max(row.score for row in rows) == 1.0) == (not pruned)
    memory.close()


def test_each_finalist_is_retrained_on_every_fold(
    study: tuple[Problem, FoldTrainer], monkeypatch: pytest.MonkeyPatch, fake_evaluator: Any
) -> None:
    problem, trainer = study
    asked: list[tuple[int, int]] = []

    def evaluator(self: Problem, fit: Any, score: Any, executor: Any) -> Any:
        asked.append((len(fit), len(score)))
        return fake_evaluator()

    monkeypatch.setattr(Problem, "evaluator", evaluator)
    choice = choose(problem, trainer)
    folds = fold_count(trainer.experiment.data)
    assert choice.folds == len(asked) == folds
    assert {sum(sizes) for sizes in asked} == {100}  # train and validation, and never test
    assert len(choice.finalists) == 8 + 1
    assert problem.space.baseline in [finalist.child for finalist in choice.finalists]
    for finalist in choice.finalists:
        for replicate in range(1, folds + 1):
            assert trainer.study.evaluation(finalist.child, replicate) is not None
    choose(problem, trainer)
    assert len(asked) == folds  # nothing is retrained


@pytest.mark.parametrize(("checks", "whole"), [(0, 0), (3, 1), (5, 1), (6, 2)])
def test_after_the_deadline_complete_folds_decide(
    stopping_clock: Any,
    study: tuple[Problem, FoldTrainer],
    monkeypatch: pytest.MonkeyPatch,
    fake_evaluator: Any,
    checks: int,
    whole: int,
) -> None:
    problem, trainer = study
    monkeypatch.setattr(Problem, "evaluator", lambda *_: fake_evaluator(at_once=4))
    choice = choose(problem, replace(trainer, clock=stopping_clock(checks, DeadlineReached)))
    assert choice.folds == whole
    assert choice.samples == 50 * max(1, whole)


def test_interruptions_are_raised(
    stopping_clock: Any,
    study: tuple[Problem, FoldTrainer],
    monkeypatch: pytest.MonkeyPatch,
    fake_evaluator: Any,
) -> None:
    problem, trainer = study
    monkeypatch.setattr(Problem, "evaluator", lambda *_: fake_evaluator(at_once=4))
    with pytest.raises(Interrupted):
        choose(problem, replace(trainer, clock=stopping_clock(1, Interrupted)))


def test_standard_errors_count_copies_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(60, 2)), 4, axis=0)
    np.savez(tmp_path / "t.npz", x_train=x, y_train=(x[:, 0] > 0).astype(int))
    swap = parse_symmetries("swap:0-1")
    experiment = make_experiment(SearchSettings(str(tmp_path / "t.npz"), symmetries=swap, epochs=1))
    data = experiment.data
    assert data.train.clusters is not None and data.validation.clusters is not None
    study = SearchStudy(tmp_path / "study.db", experiment.problem.space.distributions)
    with LocalExecutor(1) as executor:
        trainer = FoldTrainer(experiment, study, executor, Clock(), NoProgress())
        choice = choose_all(experiment, trainer)
    study.close()
    assert np.array_equal(trainer.clusters(0), data.validation.clusters)  # type: ignore[arg-type]
    clusters = trainer.clusters(choice.folds)
    assert clusters is not None and len(clusters) == choice.samples == len(joined(data))
    # A cluster is in one fold, so its samples follow each other.
    assert (np.diff(clusters) != 0).sum() == len(np.unique(clusters)) - 1
    worse = choice.finalists[-1]
    n_clusters = len(np.unique(clusters))
    share = abs(worse.behind.mean)
    alone = np.sqrt(share * (1 - share) / choice.samples)
    assert n_clusters < choice.samples / 3
    assert worse.behind.standard_error > 1.5 * alone


def choose_all(experiment: Experiment, trainer: FoldTrainer) -> Choice:
    problem = experiment.problem
    children = [problem.space.baseline, problem.space.child((0,), problem.space.baseline.width)]
    evaluator = problem.evaluator(
        experiment.data.train, experiment.data.validation, trainer.executor
    )
    for part, evaluations in evaluator.evaluate(children, 0, lambda _: None):
        trainer.study.record(part, 0, evaluations)
    return choose(problem, trainer)
