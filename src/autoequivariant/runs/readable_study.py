"""A run's study for people: trials with the names of their networks, in memory, apart from the run.

What Optuna's dashboard shows of a trial are its parameters, values and user attributes; the study
itself keeps evaluations in attributes that nobody can read.
"""

from __future__ import annotations

import warnings
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, create_trial

from autoequivariant.runs.replay import Replay
from autoequivariant.searching.outcome import child_of
from autoequivariant.searching.storage.study import Key
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.pruning import quiet_optuna


def readable_study(record: Replay, storage: optuna.storages.BaseStorage) -> optuna.Study:
    """Put a copy of a run's study into a storage, with symmetries and weights readable.

    Args:
        record: the run.
        storage: where to put it; it is called like the data set.
    """
    problem, source = record.outcome.problem, record.study.optuna
    metric = record.outcome.results.metric
    with quiet_optuna(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # of names of values
        study = optuna.create_study(
            storage=storage, study_name=problem.card.name, directions=list(problem.directions)
        )
        study.set_metric_names([metric, "n_parameters"][: len(problem.directions)])
    for name, value in _about(record).items():
        study.set_user_attr(name, value)
    trained = record.study.trained()
    trials = source.get_trials(deepcopy=True)
    proposed = {problem.space.child_at(trial.params).key for trial in trials if trial.params}
    first = problem.space.baseline
    if first.key not in proposed and first.key in trained:
        # The plain network is trained before anything is proposed.
        study.add_trial(_trial(record, first, trained[first.key]))
    for trial in trials:
        _name(record, trial, trained)
        study.add_trial(trial)
    chosen = [trial.number for trial in study.trials if "chosen" in trial.user_attrs]
    if chosen:
        study.set_user_attr("chosen", f"trial {chosen[0]}, by further trainings")
    return study


def _trial(record: Replay, child: Child, evaluation: Evaluation) -> FrozenTrial:
    problem = record.outcome.problem
    trial = create_trial(
        values=list(problem.values(evaluation)),
        params=problem.space.point(child),
        distributions=dict(problem.space.distributions),
        intermediate_values=dict(enumerate(evaluation.curve, 1)),
    )
    _name(record, trial, {child.key: evaluation})
    return trial


def _name(record: Replay, trial: FrozenTrial, trained: dict[Key, Evaluation]) -> None:
    """Write on a trial which network it is."""
    problem = record.outcome.problem
    child = problem.space.child_at(trial.params)
    generators = problem.symmetries(problem.space.smallest_generators(child))
    said: dict[str, Any] = {
        "generators": ", ".join(generators) or "none",
        "symmetries": ", ".join(problem.symmetries(child.members)) or "none",
    }
    augmentations = problem.augmentations(child.members)
    if augmentations:
        said["augmentations"] = ", ".join(augmentations)
    if problem.space.has_widths:
        said[problem.family.width_name] = child.width
    evaluation = trained.get(child.key)
    if evaluation is not None:
        said |= {"n_parameters": evaluation.n_parameters, "seconds": round(evaluation.seconds, 3)}
    results = record.outcome.results
    if results.is_finished and child.key == child_of(problem, results.best).key:
        said["chosen"] = "by further trainings, which the dashboard does not show"
    trial.user_attrs = said


def _about(record: Replay) -> dict[str, Any]:
    results = record.outcome.results
    return {
        "data": record.outcome.problem.card.name,
        "sampler": results.sampler,
        "status": results.status,
        "networks trained": results.networks_trained,
        "distinct networks": results.distinct_networks,
        "symmetries found": ", ".join(results.best.symmetries) or "none",
        "folder": str(record.run.folder),
    }
