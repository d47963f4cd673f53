"""The results of a search as a record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.searching.fit.tested import ScoredOnTest
from autoequivariant.searching.named import best_of, state_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, Finalist, front, leading
from autoequivariant.searching.selection.importance import importance
from autoequivariant.searching.selection.use import Settled, WithoutSome
from autoequivariant.searching.storage.results import (
    AblationRecord,
    Best,
    FinalistRecord,
    Leader,
    Measure,
    Results,
    Seconds,
    Status,
    Without,
    version,
)
from autoequivariant.searching.storage.study import SearchStudy

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


def leaders_of(problem: Problem, study: SearchStudy) -> tuple[Leader, ...]:
    """Return the leading networks, best first; with two objectives, the Pareto front."""
    trained = study.trained()
    if problem.has_two_objectives:
        children = front(problem, study, len(trained))
    else:
        children = leading(problem, study, LEADING_ROWS)
    return tuple(
        Leader(
            **state_of(problem, child, trained[child.key].n_parameters),
            score=trained[child.key].score,
            interval=mean_interval(trained[child.key].scores),
        )
        for child in children
    )


def make_results(
    problem: Problem,
    study: SearchStudy,
    status: Status,
    seconds: Seconds,
    settled: Settled | None = None,
    tested: ScoredOnTest | None = None,
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
        class_shares=None if tested is None else tested.class_shares,
    )


def _untested(problem: Problem, leader: Leader, choice: Choice | None) -> Best:
    if choice is not None:
        return best_of(problem, choice.chosen)
    return Best(
        leader.symmetries,
        leader.generators,
        leader.augmentations,
        leader.width,
        leader.n_parameters,
        validation_score=leader.score,
    )


def _finalist_record(problem: Problem, finalist: Finalist) -> FinalistRecord:
    return FinalistRecord(
        **state_of(problem, finalist.child, finalist.n_parameters),
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
            **state_of(problem, without.child, without.n_parameters),
            validation_score=without.score,
        ),
    )
