"""The evidence for each candidate, as a data frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna
import pandas as pd

from autoequivariant.report.findings.ablation import AblationFindings
from autoequivariant.report.findings.effects import Difference, Effect

COLUMNS = (
    *("found", "supported", "lost", "lost_low", "lost_high"),
    *("main_effect", "main_effect_low", "main_effect_high", "samples", "note"),
)


def evidence_frame(
    effects: Sequence[Effect], found: Sequence[str], ablation: AblationFindings
) -> pd.DataFrame:
    """Return a row for each candidate, by its name, with `COLUMNS`.

    Args:
        effects: main effect of each candidate.
        found: names of the chosen network's symmetries.
        ablation: the chosen network without each of its generators.
    """
    left_out = {row.names[0]: row for row in ablation.rows if len(row.names) == 1}
    rows = []
    for effect in effects:
        main: Difference | None = effect.main
        low, high = (np.nan, np.nan) if main is None else main.interval
        without = left_out.get(effect.name)
        lost_low, lost_high = (np.nan, np.nan) if without is None else without.interval
        rows.append(
            {
                "symmetry": effect.name,
                "found": effect.name in found,
                "supported": without is not None and without.is_supported,
                "lost": np.nan if without is None else without.lost,
                "lost_low": lost_low,
                "lost_high": lost_high,
                "main_effect": np.nan if main is None else main.mean,
                "main_effect_low": low,
                "main_effect_high": high,
                "samples": 0 if main is None else main.samples,
                "note": effect.reason,
            }
        )
    return pd.DataFrame(rows, columns=["symmetry", *COLUMNS]).set_index("symmetry")


def in_memory(study: optuna.Study) -> optuna.Study:
    """Return a copy of a study that is kept in memory."""
    copy = optuna.create_study(directions=study.directions, study_name=study.study_name)
    copy.add_trials(study.get_trials(deepcopy=False))
    return copy
