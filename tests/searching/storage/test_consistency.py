"""A study that has lost or changed rows is refused, by a search and by a report."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import RunError
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

SETTINGS = SearchSettings(
    "digits",
    symmetries=parse_symmetries("hflip,vflip,rot90"),
    sampler="random",
    budget=4,
    channels=1,
    epochs=1,
    train_size=60,
    validation_size=40,
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return search(SETTINGS, tmp_path_factory.mktemp("consistent") / "run").folder


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def change(run: Path, statement: str) -> None:
    with closing(sqlite3.connect(run / "study.db", isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount


def edit(run: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the first evaluations of the study, which are the baseline's."""
    with closing(sqlite3.connect(run / "study.db", isolation_level=None)) as connection:
        where = "FROM study_user_attributes WHERE key = 'evaluations 0 from 0'"
        records = json.loads(connection.execute(f"SELECT value_json {where}").fetchone()[0])
        change(records)
        query = "UPDATE study_user_attributes SET value_json = ? WHERE key = 'evaluations 0 from 0'"
        connection.execute(query, (json.dumps(records),))


def check(run: Path, phrase: str | None) -> None:
    """Report and resume; `phrase` is why both are refused."""
    if phrase is None:
        with replay_run(open_run(run)) as replay:
            expected = replay.outcome.results
        assert search(SETTINGS, run).results.best == expected.best
        return
    with pytest.raises(RunError, match=phrase), replay_run(open_run(run)):
        pass
    with pytest.raises(RunError, match=phrase):
        search(SETTINGS, run)


STATEMENTS = {
    "select * from trials": None,
    "update trial_values set value = value + 0.25": "another score than its network",
    "update trial_params set param_value = 1 - param_value": "another score|are missing",
    "update trials set state = 'PRUNED'": "another curve",
    "delete from study_user_attributes where key glob 'evaluations [1-9]*'": "are missing",
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_trials_agree_with_evaluations(statement: str, run: Path) -> None:
    if STATEMENTS[statement] == "are missing":  # the last ones, which the search retrains
        change(run, statement)
        with pytest.raises(RunError, match="not hold the networks"), replay_run(open_run(run)):
            pass
        return
    if STATEMENTS[statement] is not None:
        change(run, statement)
    check(run, STATEMENTS[statement])


EDITS: list[tuple[dict[str, Any], str]] = [
    ({"state": [0, 1, 2, 3]}, "a network that was not searched"),
    ({"state": [0, 2]}, "a network that was not searched"),  # not closed
    ({"width": 7}, "a network that was not searched"),
    ({"n": 8, "correct": "/w==", "score": 1.0}, "scores of other samples|another score"),
]


@pytest.mark.parametrize(("fields", "phrase"), EDITS)
def test_evaluations_agree_with_the_problem(fields: dict[str, Any], phrase: str, run: Path) -> None:
    edit(run, lambda records: records[0].update(fields))
    check(run, phrase)


def test_networks_that_results_count_are_there(run: Path) -> None:
    results = json.loads((run / "results.json").read_text())
    check(run, None)
    results["networks_trained"] += 1
    (run / "results.json").write_text(json.dumps(results))
    with pytest.raises(RunError, match="does not hold the networks"), replay_run(open_run(run)):
        pass


def test_losses_of_some_networks_only_are_refused(run: Path) -> None:
    with closing(sqlite3.connect(run / "study.db", isolation_level=None)) as connection:
        query = "SELECT key, value_json FROM study_user_attributes WHERE key GLOB 'evaluations 1 *'"
        key, content = connection.execute(query).fetchone()
        records = json.loads(content)
        del records[0]["losses"]
        query = "UPDATE study_user_attributes SET value_json = ? WHERE key = ?"
        connection.execute(query, (json.dumps(records), key))
    check(run, "it holds losses of some networks only")
