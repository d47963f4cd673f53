"""Each symmetry of the chosen network is left out in turn, on the folds of the choice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.folds import fold_count
from autoequivariant.evidence.intervals import Difference
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection import ablation as module
from autoequivariant.searching.selection.ablation import ablate
from autoequivariant.searching.selection.choice import Choice, Finalist
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

SAMPLES = 50


def evaluation(right: int, n_parameters: int = 100) -> Evaluation:
    return Evaluation(np.arange(SAMPLES) < right, n_parameters, 0.0)


class Known:
    """Gives children fixed scores, whatever the fold."""

    steps = 1

    def __init__(self, right: dict[tuple[int, ...], int]) -> None:
        self.right = right
        self.asked: list[tuple[int, ...]] = []

    def evaluate(
        self, children: Sequence[Child], replicate: int, on_step: Callable[[int], None]
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        for child in children:
            on_step(1)
            self.asked.append(child.members)
            yield [child], [evaluation(self.right[child.members])]


def choice_of(child: Child, folds: int) -> Choice:
    one = Finalist(child, 100, 0.9, -0.1, Difference(0.0, 0.0), folds)
    return Choice(one, one, (one,), folds, SAMPLES * folds, one, one, Compared(max(2, folds)))


@pytest.fixture
def chosen(
    small_experiment: Callable[..., Experiment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Problem, FoldTrainer, Choice, Known]]:
    """Candidates 0 and 2 are chosen; leaving out 2 costs much, leaving out 0 nothing."""
    experiment = small_experiment("hflip,vflip,swap_left_right,swap_top_bottom")
    problem = experiment.problem
    child = problem.space.child([0, 2])
    assert child.members == (0, 2)
    study = SearchStudy(tmp_path / "study.db", problem.space.distributions)
    folds = fold_count(experiment.data)
    for replicate in range(1, folds + 1):
        study.record([child], replicate, [evaluation(45)])
    known = Known({(0,): 30, (2,): 45, (): 10})
    monkeypatch.setattr(Problem, "evaluator", lambda *_: known)
    trainer = FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
    yield problem, trainer, choice_of(child, folds), known
    study.close()


def test_losses(chosen: tuple[Problem, FoldTrainer, Choice, Known]) -> None:
    problem, trainer, choice, known = chosen
    found = ablate(problem, choice, trainer)
    assert [one.left_out for one in found] == [(0,), (2,), (0, 2)]
    first, second, both = found
    assert [one.child.members for one in found] == [(2,), (0,), ()]
    assert first.folds == choice.folds
    assert second.folds == both.folds == 2  # clear by then
    asked = list(known.asked)
    assert found == ablate(problem, choice, trainer)
    assert known.asked == asked  # nothing is retrained


@pytest.mark.parametrize("members", [[], [0]])
def test_networks_without_symmetries_or_with_one(
    chosen: tuple[Problem, FoldTrainer, Choice, Known], members: list[int]
) -> None:
    problem, trainer, choice, known = chosen
    child = problem.space.child(members)
    for replicate in range(1, choice.folds + 1):
        trainer.study.record([child], replicate, [evaluation(45)])
    found = ablate(problem, choice_of(child, choice.folds), trainer)
    assert [one.child for one in found] == [problem.space.baseline] * len(members)
    assert bool(known.asked) == bool(members)


def test_a_choice_without_folds_has_no_ablation(
    chosen: tuple[Problem, FoldTrainer, Choice, Known],
) -> None:
    problem, trainer, choice, known = chosen
    assert ablate(problem, choice_of(choice.chosen.child, 0), trainer) == ()
    assert known.asked == []


def test_the_number_of_ablations_is_limited(
    chosen: tuple[Problem, FoldTrainer, Choice, Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, trainer, choice, _ = chosen
    monkeypatch.setattr(module, "MOST_ABLATED", 1)
    found = ablate(problem, choice, trainer)
    assert [one.left_out for one in found] == [(0,), (0, 2)]


@pytest.mark.parametrize(
    ("checks", "folds"), [(0, []), (2, [1, 1]), (3, [1, 1, 1]), (5, [2, 2, 1]), (6, [2, 2, 2])]
)
def test_after_the_deadline_folds_so_far_count(
    stopping_clock: Any,
    chosen: tuple[Problem, FoldTrainer, Choice, Known],
    checks: int,
    folds: list[int],
) -> None:
    problem, trainer, choice, _ = chosen
    found = ablate(problem, choice, replace(trainer, clock=stopping_clock(checks, DeadlineReached)))
    assert [one.folds for one in found] == folds


def test_trainings_of_the_choice_count(
    stopping_clock: Any,
    chosen: tuple[Problem, FoldTrainer, Choice, Known],
) -> None:
    problem, trainer, choice, _ = chosen
    for replicate in range(1, choice.folds + 1):
        trainer.study.record([problem.space.baseline], replicate, [evaluation(9)])
    found = ablate(problem, choice, replace(trainer, clock=stopping_clock(0, DeadlineReached)))
    assert [(one.left_out, one.folds) for one in found] == [((0, 2), choice.folds)]


def test_interruptions_are_raised(
    stopping_clock: Any, chosen: tuple[Problem, FoldTrainer, Choice, Any]
) -> None:
    problem, trainer, choice, _ = chosen
    with pytest.raises(Interrupted):
        ablate(problem, choice, replace(trainer, clock=stopping_clock(1, Interrupted)))
