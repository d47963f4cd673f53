"""A copy of a run's study for Optuna's dashboard.

The dashboard shows parameters, values and user attributes. In a run's study the user attributes are
packed evaluations; in the copy they name each trial's network.
"""

from __future__ import annotations

import warnings
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, create_trial

from autoequivariant.runs.replay import Replay
from autoequivariant.searching.named import child_of
from autoequivariant.training.child import Child, Key
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.pruning import quiet_optuna


def readable_study(replay: Replay, storage: optuna.storages.BaseStorage) -> optuna.Study:
    """Copy a run's study into a storage, under the name of the data set."""
    problem, source = replay.outcome.problem, replay.study.optuna
    metric = replay.outcome.results.metric
    with quiet_optuna(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # about `set_metric_names`
        study = optuna.create_study(
            storage=storage, study_name=problem.card.name, directions=list(problem.directions)
        )
        study.set_metric_names([metric, "n_parameters"][: len(problem.directions)])
    for name, value in _about(replay).items():
        study.set_user_attr(name, value)
    trained = replay.study.trained()
    trials = source.get_trials(deepcopy=True)
    proposed = {problem.space.child_at(trial.params).key for trial in trials if trial.params}
    baseline = problem.space.baseline
    if baseline.key not in proposed and baseline.key in trained:
        # The baseline is trained before the first proposal.
        study.add_trial(_trial(replay, baseline, trained[baseline.key]))
    for trial in trials:
        trial.user_attrs = _attributes(replay, trial, trained)
        study.add_trial(trial)
    chosen = [trial.number for trial in study.trials if "chosen" in trial.user_attrs]
    if chosen:
        study.set_user_attr("chosen", f"trial {chosen[0]}, after retraining on folds")
    return study


def _trial(replay: Replay, child: Child, evaluation: Evaluation) -> FrozenTrial:
    problem = replay.outcome.problem
    trial = create_trial(
        values=list(problem.values(evaluation)),
        params=problem.space.point(child),
        distributions=dict(problem.space.distributions),
        intermediate_values=dict(enumerate(evaluation.curve, 1)),
    )
    trial.user_attrs = _attributes(replay, trial, {child.key: evaluation})
    return trial


def _attributes(
    replay: Replay, trial: FrozenTrial, trained: dict[Key, Evaluation]
) -> dict[str, Any]:
    """Return user attributes that describe the network of a trial."""
    problem = replay.outcome.problem
    child = problem.space.child_at(trial.params)
    generators = problem.symmetries(problem.space.smallest_generators(child))
    attributes: dict[str, Any] = {
        "generators": ", ".join(generators) or "none",
        "symmetries": ", ".join(problem.symmetries(child.members)) or "none",
    }
    augmentations = problem.augmentations(child.members)
    if augmentations:
        attributes["augmentations"] = ", ".join(augmentations)
    if problem.space.has_widths:
        attributes[problem.family.width_name] = child.width
    evaluation = trained.get(child.key)
    if evaluation is not None:
        attributes |= {
            "n_parameters": evaluation.n_parameters,
            "seconds": round(evaluation.seconds, 3),
        }
    results = replay.outcome.results
    if results.is_finished and child.key == child_of(problem, results.best).key:
        attributes["chosen"] = "after retraining on folds, which the dashboard does not show"
    return attributes


def _about(replay: Replay) -> dict[str, Any]:
    results = replay.outcome.results
    return {
        "data": replay.outcome.problem.card.name,
        "sampler": results.sampler,
        "status": results.status,
        "networks trained": results.networks_trained,
        "distinct networks": results.distinct_networks,
        "symmetries": ", ".join(results.best.symmetries) or "none",
        "folder": str(replay.run.folder),
    }
