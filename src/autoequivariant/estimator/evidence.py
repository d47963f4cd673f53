"""What the data and training say of each candidate, as a data frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna
import pandas as pd

from autoequivariant.evidence.verdict import Verdict

COLUMNS = (
    *("verdict", "use", "reason", "p_joint", "p_x", "resolution", "effect", "p_task", "overlap"),
    *("difference", "difference_low", "difference_high", "measured", "proposed_from"),
)


def evidence_frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return a row for each candidate, by its name, with `COLUMNS`; NaN for what is not known."""
    rows = []
    for one in verdicts:
        inputs, task, trained = one.inputs, one.task, one.trained
        low, high = (np.nan, np.nan) if trained is None else trained.interval
        unseen = inputs is None or inputs.resolution is None
        rows.append(
            {
                "symmetry": one.name,
                "verdict": one.verdict,
                "use": one.use,
                "reason": one.reason,
                "p_joint": np.nan if inputs is None else inputs.p_joint,
                "p_x": np.nan if inputs is None else inputs.p_x,
                "resolution": np.nan if inputs is None or unseen else inputs.resolution,
                "effect": np.nan if task is None else task.effect,
                "p_task": np.nan if task is None else task.p,
                "overlap": np.nan if task is None else task.overlap,
                "difference": np.nan if trained is None else trained.difference,
                "difference_low": low,
                "difference_high": high,
                "measured": np.nan if trained is None else trained.measured or np.nan,
                "proposed_from": np.nan if one.proposed is None else one.proposed.proposed_from,
            }
        )
    return pd.DataFrame(rows, columns=["symmetry", *COLUMNS]).set_index("symmetry")


def in_memory(study: optuna.Study) -> optuna.Study:
    """Return a copy of a study that is kept in memory."""
    copy = optuna.create_study(directions=study.directions, study_name=study.study_name)
    copy.add_trials(study.get_trials(deepcopy=False))
    return copy
