"""What is written is what Optuna's own storage writes."""

import sqlite3
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.storages import RDBStorage
from optuna.trial import TrialState, create_trial

from autoequivariant.searching.storage.trial_storage import TrialStorage

DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "rot90": CategoricalDistribution([False, True]),
    "width": IntDistribution(8, 32, step=8),
}


def written(storage: RDBStorage, path: Path) -> list[Any]:
    study = optuna.create_study(storage=storage, study_name="one")
    for number in range(3):
        study.add_trial(
            create_trial(
                state=TrialState.COMPLETE,
                value=number / 4,
                params={"rot90": number % 2 == 0, "width": 8 * (number + 1)},
                distributions=DISTRIBUTIONS,
                intermediate_values={1: 0.5},
            )
        )
    study.ask(DISTRIBUTIONS)
    assert [len(trial.params) for trial in study.trials] == [2, 2, 2, 2]
    storage.remove_session()
    with sqlite3.connect(path) as connection:
        tables = ("trial_params", "trial_values", "trial_intermediate_values")
        return [list(connection.execute(f"SELECT * FROM {table}")) for table in tables]


def test_rows_are_those_of_optuna(tmp_path: Path) -> None:
    found = []
    for kind in (RDBStorage, TrialStorage):
        path = tmp_path / f"{kind.__name__}.db"
        storage = kind(f"sqlite:///{path}")
        found.append(written(storage, path))
    first, second = ([table[:6] for table in tables] for tables in found)
    assert first == second and all(first)  # what was asked is drawn anew
