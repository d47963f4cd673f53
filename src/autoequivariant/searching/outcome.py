"""The results of a search as a record: networks by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from autoequivariant.errors import RunError
from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.searching.fit.final import Final
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, Finalist, front, leading
from autoequivariant.searching.selection.importance import importance
from autoequivariant.searching.selection.use import Settled, WithoutSome
from autoequivariant.searching.storage.results import (
    AblationRecord,
    Baseline,
    Best,
    EquivarianceRecord,
    FinalistRecord,
    FitRecord,
    Leader,
    Measure,
    Results,
    Seconds,
    State,
    Status,
    Without,
    version,
)
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child

LEADING_ROWS = 10


@dataclass(frozen=True)
class Outcome:
    """What a search returns.

    Attributes:
        problem: what was searched.
        results: the contents of `results.json`.
        folder: the run's folder.
    """

    problem: Problem
    results: Results
    folder: Path


class Selected(Protocol):
    """A network to train in full: one of the finalists, or the one that the user gave."""

    @property
    def child(self) -> Child: ...  # noqa: D102
    @property
    def n_parameters(self) -> int: ...  # noqa: D102
    @property
    def score(self) -> float | None:
        """Score on validation; None if it has none."""


@dataclass(frozen=True)
class Tested:
    """Test scores of the chosen network, the baseline and, with two objectives, of
    `Results.smallest_as_good_as_baseline` and `Results.best_no_larger_than_baseline`.
    """

    best: Best
    baseline: Baseline
    constant_score: float
    fit: FitRecord
    smallest_as_good: Best | None = None
    best_no_larger: Best | None = None


def child_of(problem: Problem, state: State) -> Child:
    """Return the child that `results.json` names.

    Raises:
        RunError: a name was not searched.
    """
    first = len(problem.candidates)
    symmetries = {name: k for k, name in enumerate(problem.symmetries(range(first)))}
    augmentations = {name: first + k for k, name in enumerate(problem.family.augmentations)}
    unknown = [name for name in state.symmetries if name not in symmetries]
    unknown += [name for name in state.augmentations if name not in augmentations]
    if unknown:
        raise RunError(
            f"results.json names {unknown[0]!r}, which was not searched: give the whole folder of "
            "one run."
        )
    members = [symmetries[name] for name in state.symmetries]
    members += [augmentations[name] for name in state.augmentations]
    return problem.space.child(members, state.width)


def leaders_of(problem: Problem, study: SearchStudy) -> tuple[Leader, ...]:
    """Return the leading networks, best first; with two objectives, the Pareto front."""
    trained = study.trained()
    if problem.has_two_objectives:
        children = front(problem, study, len(trained))
    else:
        children = leading(problem, study, LEADING_ROWS)
    return tuple(
        Leader(
            **_state(problem, child, trained[child.key].n_parameters),
            score=trained[child.key].score,
            interval=mean_interval(trained[child.key].scores),
        )
        for child in children
    )


def handed_over(problem: Problem, choice: Choice) -> tuple[Selected, ...]:
    """Return the chosen network and, with two objectives, the further ones that they select."""
    if not problem.has_two_objectives:
        return (choice.chosen,)
    return choice.chosen, choice.smallest_as_good, choice.best_no_larger


def tested_of(
    problem: Problem, selected: Sequence[Selected], final: Final, fit: FitRecord
) -> Tested:
    """Return the record of the final training."""
    baseline = final.scores[problem.space.baseline_of(selected[0].child)]
    error = None if final.equivariance is None else EquivarianceRecord(*final.equivariance)
    rows = []
    for one in selected:
        score = final.scores[one.child]
        row = _best(problem, one, score.score, score.interval)
        rows.append(replace(row, n_parameters=score.n_parameters))
    return Tested(
        replace(rows[0], equivariance_error=error),
        Baseline(baseline.n_parameters, baseline.score, baseline.interval),
        final.constant_score,
        fit,
        *rows[1:],
    )


def tested_before(
    problem: Problem, selected: Sequence[Selected], former: Results | None
) -> Tested | None:
    """Return the test scores of earlier results, if they are of the same networks and fit."""
    if former is None or former.baseline is None or former.constant_score is None:
        return None
    fit, settings = former.fit, problem.settings
    if fit is None or (fit.kind, fit.size) != (settings.fits, settings.fit_size):
        return None
    further = (former.smallest_as_good_as_baseline, former.best_no_larger_than_baseline)
    before = [former.best, *(row for row in further if row is not None)]
    now = [_best(problem, one) for one in selected]
    if [row.key for row in before] != [row.key for row in now]:
        return None
    if any(row.test_score is None for row in before):
        return None
    rows = [
        replace(
            row,
            n_parameters=known.n_parameters,
            test_score=known.test_score,
            test_interval=known.test_interval,
            equivariance_error=known.equivariance_error,
        )
        for row, known in zip(now, before, strict=True)
    ]
    return Tested(rows[0], former.baseline, former.constant_score, fit, *rows[1:])


def make_results(
    problem: Problem,
    study: SearchStudy,
    status: Status,
    seconds: Seconds,
    settled: Settled | None = None,
    tested: Tested | None = None,
) -> Results:
    """Return the results of a search.

    Args:
        problem, study: what was searched, and every evaluation.
        status: why the search ended.
        seconds: time taken.
        settled: the chosen network, and the use of each candidate; None after an interruption,
            where the leader stands in.
        tested: the test scores; None after an interruption.
    """
    leaders = leaders_of(problem, study)
    choice = None if settled is None else settled.choice
    finalists = () if choice is None else choice.finalists
    return Results(
        status=status,
        data=problem.card.name,
        network=problem.family.kind,
        task=problem.family.task.name,
        metric=problem.family.task.metric,
        states=problem.states,
        distinct_networks=problem.space.size,
        widths=problem.space.widths,
        networks_trained=len(study.trained()),
        sampler=problem.sampler,
        objective=problem.settings.objective,
        seconds=seconds,
        best=tested.best if tested is not None else _untested(problem, leaders[0], choice),
        baseline=None if tested is None else tested.baseline,
        constant_score=None if tested is None else tested.constant_score,
        smallest_as_good_as_baseline=None if tested is None else tested.smallest_as_good,
        best_no_larger_than_baseline=None if tested is None else tested.best_no_larger,
        importance=importance(problem, study) if problem.family.has_importance else None,
        compared_samples=0 if choice is None else choice.samples,
        compared_by=_compared_by(problem, choice),
        finalists=tuple(_finalist_record(problem, finalist) for finalist in finalists),
        dropped=() if settled is None else tuple(problem.names(settled.dropped)),
        ablation=()
        if settled is None
        else tuple(_ablated(problem, without) for without in settled.without),
        leading=leaders,
        verdicts=problem.verdicts if settled is None else settled.verdicts,
        warnings=problem.warnings,
        seed=problem.settings.seed,
        version=version(),
        fit=None if tested is None else tested.fit,
        coding=problem.coding,
    )


def _untested(problem: Problem, leader: Leader, choice: Choice | None) -> Best:
    if choice is not None:
        return _best(problem, choice.chosen)
    return Best(
        leader.symmetries,
        leader.generators,
        leader.augmentations,
        leader.width,
        leader.n_parameters,
        validation_score=leader.score,
    )


def _state(problem: Problem, child: Child, n_parameters: int) -> dict[str, Any]:
    """Return a child by name, as the fields of `State`."""
    return {
        "symmetries": tuple(problem.symmetries(child.members)),
        "generators": tuple(problem.symmetries(problem.space.smallest_generators(child))),
        "augmentations": tuple(problem.augmentations(child.members)),
        "width": child.width,
        "n_parameters": n_parameters,
    }


def _best(
    problem: Problem,
    selected: Selected,
    test_score: float | None = None,
    test_interval: tuple[float, float] | None = None,
) -> Best:
    return Best(
        **_state(problem, selected.child, selected.n_parameters),
        validation_score=selected.score,
        test_score=test_score,
        test_interval=test_interval,
    )


def _finalist_record(problem: Problem, finalist: Finalist) -> FinalistRecord:
    return FinalistRecord(
        **_state(problem, finalist.child, finalist.n_parameters),
        validation_score=finalist.score,
        behind_best=finalist.behind.mean,
        standard_error=finalist.behind.standard_error,
        folds=finalist.folds,
    )


def _compared_by(problem: Problem, choice: Choice | None) -> Measure:
    task = problem.family.task
    if choice is None or not choice.compared.by_loss:
        return task.metric
    return task.loss_name


def _ablated(problem: Problem, without: WithoutSome) -> AblationRecord:
    return AblationRecord(
        left_out=tuple(problem.symmetries(without.left_out)),
        lost=without.trained.difference,
        interval=without.trained.interval,
        folds=without.folds,
        without=Without(
            **_state(problem, without.child, without.n_parameters),
            validation_score=without.score,
        ),
    )
