"""Whether a study holds what its search records: rows that are lost would change the answer."""

from __future__ import annotations

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.rivals import RIVALS_FROM
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.storage.study_errors import errors_named


def check_study(problem: Problem, study: SearchStudy) -> None:
    """Check every evaluation against the problem, and every scored trial against its evaluation.

    Raises:
        RunError: the study is of another search, or has lost or changed rows.
    """
    with errors_named(study.path):
        _check_evaluations(problem, study)
        trained = study.trained()
        for trial in study.optuna.get_trials(deepcopy=False):
            if trial.state not in (TrialState.COMPLETE, TrialState.PRUNED):
                continue
            evaluation = trained.get(problem.space.child_at(trial.params).key)
            if evaluation is None:
                raise ValueError("evaluations are missing")
            expected = problem.values(evaluation)
            is_complete = trial.state == TrialState.COMPLETE
            if is_complete and not np.allclose(trial.values, expected, 1e-4, 1e-6, equal_nan=True):
                raise ValueError(f"trial {trial.number} has another score than its network")
            if is_complete == evaluation.pruned or _curve(trial) != evaluation.curve:
                raise ValueError(f"trial {trial.number} has another curve than its network")


def _check_evaluations(problem: Problem, study: SearchStudy) -> None:
    n_samples = {0: problem.card.validation_size}
    has_losses: set[bool] = set()
    is_bool = problem.family.task.name == "classification"
    for ((members, width), replicate), evaluation in study.evaluations.items():
        known = max(members, default=0) < max(1, len(problem.space.names))
        if not known or problem.space.child(members, width).key != (members, width):
            raise ValueError("it holds a network that was not searched")
        size = n_samples.setdefault(replicate, evaluation.scores.size)
        if evaluation.scores.size != size or (evaluation.scores.dtype == bool) != is_bool:
            raise ValueError("it holds scores of other samples")
        if 0 < replicate < RIVALS_FROM:
            has_losses.add(evaluation.losses is not None)
    if len(has_losses) > 1:
        raise ValueError("it holds losses of some networks only")


def _curve(trial: FrozenTrial) -> tuple[float, ...]:
    steps = trial.intermediate_values
    return tuple(steps[step] for step in sorted(steps))
