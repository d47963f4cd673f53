"""The chosen network against what else the same effort buys, on the same folds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.folds import fold
from autoequivariant.evidence.intervals import Difference
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit import rivals as module
from autoequivariant.searching.fit.rivals import (
    AUGMENTED,
    AUGMENTED_SECONDS,
    AVERAGED,
    BASELINE,
    BASELINE_SECONDS,
    CHOSEN,
    REPLICATES,
    compare_rivals,
)
from autoequivariant.searching.fit.yardstick import BOOSTING, CLASSES, SVC
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, Finalist
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

FOLDS = 2


def choice_of(child: Child, samples: int = 100) -> Choice:
    one = Finalist(child, 100, 0.9, 0.9, Difference(0.0, 0.0), FOLDS)
    return Choice(one, one, (one,), FOLDS, samples, one, one, Compared(FOLDS))


def trained(experiment: Experiment, chosen: Child, folder: Path) -> FoldTrainer:
    """The chosen network and the baseline, trained on the folds of a choice."""
    problem = experiment.problem
    study = SearchStudy(folder / "study.db", problem.space.distributions)
    trainer = FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
    for number in range(1, FOLDS + 1):
        trainer.train(tuple(dict.fromkeys([chosen, problem.space.baseline])), number)
    return trainer


Made = tuple[Problem, FoldTrainer, Choice]


@pytest.fixture
def made(small_experiment: Callable[..., Experiment], tmp_path: Path) -> Iterator[Made]:
    experiment = small_experiment("hflip,vflip", epochs=30)
    child = experiment.problem.space.child((0, 1))
    trainer = trained(experiment, child, tmp_path)
    yield experiment.problem, trainer, choice_of(child)
    trainer.study.close()


def test_all_are_scored_on_the_folds_of_the_choice(made: Made) -> None:
    problem, trainer, choice = made
    found = {one.name: one for one in compare_rivals(choice, trainer)}
    assert list(found)[0] == CHOSEN
    assert {CHOSEN, BASELINE, AVERAGED, AUGMENTED} <= set(found)
    assert len(set(found) & set(CLASSES)) == 1
    assert {one.folds for one in found.values()} == {FOLDS}
    assert {one.samples for one in found.values()} == {100}
    own = [recorded_evaluation(trainer.study, choice.chosen.child, k) for k in (1, 2)]
    scores = np.concatenate([one.scores for one in own])
    assert found[CHOSEN].score == scores.mean() and found[CHOSEN].ahead == 0
    # Trained alone it is the baseline of the choice, to the bit.
    plain = [recorded_evaluation(trainer.study, problem.space.baseline, k) for k in (1, 2)]
    for number, known in enumerate(plain, 1):
        again = recorded_evaluation(
            trainer.study, choice.chosen.child, REPLICATES[BASELINE] + number
        )
        assert np.array_equal(again.scores, known.scores)
    assert found[BASELINE].ahead == pytest.approx(
        scores.mean() - np.concatenate([one.scores for one in plain]).mean()
    )
    assert found[BASELINE].n_parameters == plain[0].n_parameters > own[0].n_parameters
    assert all(
        one.epochs is None and one.n_parameters is None
        for one in found.values()
        if one.name in CLASSES
    )
    assert found[AUGMENTED].epochs == 30
    one, other = (
        [trainer.study.evaluation(choice.chosen.child, REPLICATES[name] + k) for k in (1, 2)]
        for name in (AUGMENTED, BASELINE)
    )
    assert any(not np.array_equal(a.scores, b.scores) for a, b in zip(one, other, strict=True))  # type: ignore[union-attr]
    check_study(problem, trainer.study)  # a search resumes with these records


def test_nothing_recorded_is_trained_again(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    _, trainer, choice = made
    first = compare_rivals(choice, trainer)
    recorded = len(trainer.study.evaluations)

    def refuse(*_: object) -> None:
        raise AssertionError("something is trained")

    monkeypatch.setattr(Problem, "evaluator", refuse)
    for name in ("yardstick_scores", "suitable_yardstick", "moved_copies"):
        monkeypatch.setattr(module, name, refuse)
    assert compare_rivals(choice, trainer) == first
    assert len(trainer.study.evaluations) == recorded


def test_augmentation_takes_as_many_steps(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, trainer, choice = made
    steps: list[int] = []
    original = Problem.evaluator

    def counting(self: Problem, *arguments: Any) -> Any:
        evaluator = original(self, *arguments)
        steps.append(evaluator.steps)
        return evaluator

    monkeypatch.setattr(Problem, "evaluator", counting)
    monkeypatch.setattr(module, "SAME", 1e9)  # none takes longer
    compare_rivals(choice, trainer)
    fit, _ = fold(trainer.experiment.data, 0, trainer.n_folds, 0)
    expected = problem.training.epochs * -(-len(fit) // problem.training.batch_size)
    assert steps == [expected] * 3 * FOLDS  # chosen, baseline, augmented


@pytest.mark.parametrize(("factor", "epochs"), [(1.1, 30), (2.0, 60), (0.4, 12), (0.01, 1)])
def test_as_many_seconds_are_as_many_epochs(made: Made, factor: float, epochs: int) -> None:
    """Seconds are those recorded, so that a resumed run decides the same."""
    problem, trainer, choice = made
    child = choice.chosen.child
    times = {CHOSEN: factor, BASELINE: 1.0, AVERAGED: 1.0, AUGMENTED: 1.0}
    for number, busy in ((1, 5.0), (2, 0.0)):  # the machine is busy in the first fold
        correct = recorded_evaluation(trainer.study, child, number).scores
        for name, seconds in times.items():
            known = Evaluation(correct, 100, seconds + busy)
            trainer.study.record([child], REPLICATES[name] + number, [known])
    found = {one.name: one for one in compare_rivals(choice, trainer)}
    for name in (BASELINE_SECONDS, AUGMENTED_SECONDS):
        assert (name in found) == (epochs != problem.training.epochs)
        if name in found:
            assert found[name].epochs == epochs
    assert found[CHOSEN].seconds == pytest.approx(factor + 2.5)


@pytest.mark.parametrize("checks", [0, 1, 4, 9])
def test_interruptions_and_deadlines(made: Made, stopping_clock: Any, checks: int) -> None:
    _, trainer, choice = made
    with pytest.raises(Interrupted):
        compare_rivals(choice, replace(trainer, clock=stopping_clock(checks, Interrupted)))
    stopped = replace(trainer, clock=stopping_clock(checks, DeadlineReached))
    assert compare_rivals(choice, stopped) == ()
    assert compare_rivals(choice, trainer)[0].folds == FOLDS  # resumes


def test_after_the_deadline_complete_folds_count(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, trainer, choice = made
    original = module.yardstick_scores
    done: list[int] = []

    def late(*arguments: Any) -> Any:
        if done:
            raise DeadlineReached
        done.append(1)
        return original(*arguments)

    monkeypatch.setattr(module, "yardstick_scores", late)
    found = compare_rivals(choice, trainer)
    assert found and {one.folds for one in found} == {1}
    assert not {BASELINE_SECONDS, AUGMENTED_SECONDS} & {one.name for one in found}


def test_without_symmetries_the_baseline_and_the_yardstick_are_left(
    small_experiment: Callable[..., Experiment], tmp_path: Path
) -> None:
    experiment = small_experiment("hflip")
    plain = experiment.problem.space.baseline
    trainer = trained(experiment, plain, tmp_path)
    (chosen, other) = compare_rivals(choice_of(plain), trainer)
    trainer.study.close()
    assert chosen.name == CHOSEN and other.name in CLASSES


def test_no_folds_no_rivals(made: Made) -> None:
    _, trainer, choice = made
    assert compare_rivals(replace(choice, folds=0), trainer) == ()


def test_tables_of_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = np.abs(x[:, 0] + x[:, 1]) + x[:, 2]
    np.savez(tmp_path / "t.npz", x_train=x, y_train=y)
    settings = SearchSettings(
        str(tmp_path / "t.npz"),
        symmetries=parse_symmetries("swap:0-1"),
        epochs=2,
    )
    experiment = make_experiment(settings)
    child = experiment.problem.space.child((0,))
    trainer = trained(experiment, child, tmp_path)
    found = {one.name: one for one in compare_rivals(choice_of(child), trainer)}
    check_study(experiment.problem, trainer.study)
    again = {one.name: one for one in compare_rivals(choice_of(child), trainer)}
    trainer.study.close()
    assert BOOSTING in found and SVC not in found
    assert found == again
    assert found[AVERAGED].score > found[BASELINE].score  # Jensen: the average is invariant
