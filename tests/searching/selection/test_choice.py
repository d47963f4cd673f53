"""The simplest network that is not distinguishable from the best is chosen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.folds import fold_count, joined
from autoequivariant.evidence.verdict import Answer, Verdict
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.outcome import leaders_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import (
    Choice,
    choose,
    contenders,
    decide,
    front,
    leading,
)
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

FOUR = "hflip,vflip,swap_left_right,swap_top_bottom"
SCORES = Compared(2, by_loss=False)

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
    choice = decide(found, child(0), 2, lambda one: (n_parameters[one],), SCORES)
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
        chosen.add(
            decide(found, child(0), 1, lambda one: (n_parameters[one],), SCORES).chosen.child
        )
    assert chosen == {child(1)}


def test_the_simplest_of_equal_networks_is_chosen() -> None:
    found = {
        child(k): [evaluation("1" * 20, n_parameters)] for k, n_parameters in enumerate((5, 9, 7))
    }
    for preferred in found:
        choice = decide(found, child(0), 1, lambda one: (int(one != preferred),), SCORES)  # noqa: B023
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


def test_only_those_near_the_first_contend_after_the_data_were_asked(
    small_experiment: Callable[..., Experiment], tmp_path: Path
) -> None:
    experiment = small_experiment(FOUR)
    problem = experiment.problem
    study = SearchStudy(tmp_path / "study.db", problem.space.distributions)
    hits = {(): 40, (0,): 90, (1,): 60, (2,): 88, (3,): 89}
    for members, count in hits.items():
        one = Evaluation(np.arange(100) < count, 1000 - len(members), 0.01)
        study.record([problem.space.child(members)], 0, [one])
    trainer = FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
    found = [child.members for child in contenders(problem, trainer)]
    assert found == [(0,), (3,), (2,)]
    untested = replace(problem, settings=replace(problem.settings, tests=False))
    assert contenders(untested, trainer) == leading(untested, study)
    study.close()


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
    (of_validation,) = trainer.clusters(0) or ()
    assert np.array_equal(of_validation, data.validation.clusters)
    clusters = np.concatenate(trainer.clusters(choice.folds) or ())
    assert len(clusters) == choice.samples == len(joined(data))
    # A cluster is in one fold, so its samples follow each other.
    assert (np.diff(clusters) != 0).sum() == len(np.unique(clusters)) - 1
    assert len(np.unique(clusters)) < choice.samples / 3
    values = [
        choice.compared.values([recorded_evaluation(study, c.child, n + 1) for n in range(c.folds)])
        for c in choice.finalists
    ]
    study.close()
    alone = replace(choice.compared, clusters=None).differences(*values).sampling
    assert choice.compared.differences(*values).sampling > 2 * alone


def choose_all(experiment: Experiment, trainer: FoldTrainer) -> Choice:
    problem = experiment.problem
    children = [problem.space.baseline, problem.space.child((0,), problem.space.baseline.width)]
    evaluator = problem.evaluator(
        experiment.data.train, experiment.data.validation, trainer.executor
    )
    for part, evaluations in evaluator.evaluate(children, 0, lambda _: None):
        trainer.study.record(part, 0, evaluations)
    return choose(problem, trainer)


# --- what is preferred among networks that are not distinguishable --------------------------------


def with_answers(problem: Problem, **answers: Answer) -> Problem:
    names = [str(one) for one in problem.candidates]
    return problem.with_verdicts([Verdict(n, answers.get(n, "undecided"), "") for n in names])


def test_the_start_is_preferred_then_the_fewest_undecided(
    small_problem: Callable[..., Problem],
) -> None:
    problem = with_answers(small_problem(FOUR), hflip="holds", swap_left_right="holds")
    states: list[set[int]] = [{0, 2}, {0}, set(), {0, 1}, {0, 1, 2}, {1, 3}]
    keys = [problem.preference(problem.space.child(state)) for state in states]
    assert keys[0] == min(keys)
    assert keys[1] < keys[2]  # of two without undecided members the one with fewer parameters
    assert max(keys[1], keys[2]) < keys[3]
    assert keys[5] == max(keys)


def test_where_nothing_holds_the_baseline_is_preferred(
    small_problem: Callable[..., Problem],
) -> None:
    problem = small_problem(FOUR)
    keys = {child: problem.preference(child) for child in problem.space.children}
    assert min(keys, key=lambda child: keys[child]) == problem.space.baseline


def test_for_the_smallest_network_size_comes_first(small_problem: Callable[..., Problem]) -> None:
    problem = with_answers(small_problem(FOUR, smallest=True), hflip="holds")
    for one in problem.space.children:
        assert problem.preference(one) == problem.family.simplicity(one)


def test_losses_decide_where_hits_are_equal() -> None:
    def of(loss: float) -> list[Evaluation]:
        losses = np.full(20, loss, np.float16)
        return [Evaluation(np.ones(20, bool), 9, 0.0, losses=losses)] * 2

    found = {child(0): of(0.5), child(1): of(0.25)}
    choice = decide(found, child(0), 2, lambda one: one.members, Compared(2))
    assert choice.chosen.child == choice.best.child == child(1)
    assert choice.finalists[1].behind.mean == 0.25
    by_score = decide(found, child(0), 2, lambda one: one.members, SCORES)
    assert by_score.chosen.child == child(0)


def test_the_start_is_compared_even_if_it_does_not_lead(
    small_experiment: Callable[..., Experiment],
    fake_evaluator: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiment = small_experiment(FOUR)
    experiment = replace(experiment, problem=with_answers(experiment.problem, vflip="holds"))
    problem = experiment.problem
    monkeypatch.setattr(Problem, "evaluator", lambda *_: fake_evaluator())
    study = SearchStudy(tmp_path / "study.db", problem.space.distributions)
    for one in problem.space.children:
        right = 0 if one == problem.space.start else 40
        study.record([one], 0, [Evaluation(np.arange(50) < right, 9, 0.0)])
    choice = choose(
        problem, FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
    )
    assert problem.space.start in [finalist.child for finalist in choice.finalists]
    study.close()
