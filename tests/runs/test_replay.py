"""A replayed run has the outcome of its search; nothing is trained or changed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from autoequivariant.errors import RunError
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.findings.report import report_of
from autoequivariant.runs.readable_study import readable_study
from autoequivariant.runs.replay import Replay, replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

NAMES = "hflip,vflip,translate_x:2"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("recorded")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4, 4)).astype("float32")
    np.savez(folder / "data.npz", x_train=x, y_train=(x[:, 0].sum(axis=1) > 0).astype(int))
    settings = SearchSettings(
        str(folder / "data.npz"),
        symmetries=parse_symmetries(NAMES),
        objective="score,parameters",
        widths=(1, 2),
        budget=8,
        epochs=2,
        tests=False,
        smallest=True,
    )
    return search(settings, folder / "run")


@contextmanager
def opened(folder: Path) -> Iterator[Replay]:
    with replay_run(open_run(folder, needs_results=False)) as replay:
        yield replay


def copy_of(folder: Path, target: Path, *without: str) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        if path.name not in without:
            (target / path.name).write_bytes(path.read_bytes())
    return target


def test_the_outcome_is_what_the_search_returned(outcome: Outcome) -> None:
    before = {path.name: path.read_bytes() for path in outcome.folder.iterdir()}
    with opened(outcome.folder) as replay:
        assert replay.outcome.results == outcome.results
        assert replay.outcome.problem.card == outcome.problem.card
        assert replay.data_error is None and replay.experiment is not None
    assert {path.name: path.read_bytes() for path in outcome.folder.iterdir()} == before


def test_without_its_data_the_networks_are_the_same(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    config["command"]["data"] = str(tmp_path / "gone.npz")
    (folder / "config.json").write_text(json.dumps(config))
    with opened(folder) as replay:
        assert replay.data_error is not None
        assert "gone.npz" in replay.data_error
        assert replay.experiment is None
        problem = replay.outcome.problem
        assert replay.outcome.results == outcome.results
        assert problem.card.validation_size == outcome.problem.card.validation_size
        counts = [problem.space.count_parameters(c) for c in problem.space.children]
        assert counts == [outcome.problem.space.count_parameters(c) for c in problem.space.children]


CUSTOM = candidate_of({"name": "first two", "swap": "a <-> b"})
TABLES: dict[str, tuple[bool, dict[str, Any]]] = {
    "default candidates": (False, {}),
    "default candidates, numbers": (True, {}),
    "custom symmetry, by column": (True, {"symmetries": (CUSTOM,)}),
    "nothing to search": (False, {"drop": ("b", "c")}),
    "two objectives": (False, {"objective": "score,parameters", "widths": (1, 2)}),
}


def write_table(path: Path, is_regression: bool, rows: int = 120) -> None:
    x = np.random.default_rng(0).normal(size=(rows, 3)) * [1, 1, 1.1]
    total = x[:, 0] + x[:, 1]
    y = total.tolist() if is_regression else ["yes" if t > 0 else "no" for t in total]
    lines = [",".join(map(str, (*row, answer))) for row, answer in zip(x.tolist(), y, strict=True)]
    path.write_text("\n".join(["a,b,c,y", *lines]) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_tables_whose_file_is_gone_or_changed(name: str, tmp_path: Path) -> None:
    is_regression, options = TABLES[name]
    path = tmp_path / "table.csv"
    write_table(path, is_regression)
    settings = SearchSettings(str(path), target=("y",), budget=4, epochs=1, **options)
    expected = search(settings, tmp_path / "run")
    with opened(expected.folder) as replay:  # the twin
        assert replay.data_error is None and replay.outcome.results == expected.results
    for phrase in ("have changed since", "There is no data set or path"):
        if path.exists() and phrase.startswith("have"):
            write_table(path, is_regression, rows=121)
        else:
            path.unlink()
        with opened(expected.folder) as replay:
            assert replay.data_error is not None and phrase in replay.data_error
            problem = replay.outcome.problem
            assert replay.outcome.results == expected.results
            assert problem.candidates == expected.problem.candidates
            assert problem.card == expected.problem.card
            report_of(replay)


def test_a_run_that_does_not_record_names(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    config["command"]["data"] = str(tmp_path / "gone.npz")
    del config["command"]["classes"], config["command"]["columns"]
    (folder / "config.json").write_text(json.dumps(config))
    with opened(folder) as replay:
        assert replay.outcome.problem.card == outcome.problem.card


def change_results(folder: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    results = json.loads((folder / "results.json").read_text())
    edit(results)
    (folder / "results.json").write_text(json.dumps(results))
    return folder


def name_an_unknown(results: dict[str, Any]) -> None:
    results["finalists"][0]["symmetries"] = ["rot90"]


def leave_baseline_out(results: dict[str, Any]) -> None:
    results["finalists"] = [row for row in results["finalists"] if row["symmetries"]]


@pytest.mark.parametrize(
    ("edit", "phrase"),
    [
        (name_an_unknown, "names 'rot90', which was not searched"),
        (leave_baseline_out, "does not hold the networks that results.json compares"),
        (lambda results: results.update(finalists=[]), "networks that results.json compares"),
        (lambda results: results["finalists"][0].update(folds=0), "results.json compares"),
    ],
)
def test_results_of_another_search_are_refused(
    edit: Callable[[dict[str, Any]], None], phrase: str, outcome: Outcome, tmp_path: Path
) -> None:
    folder = change_results(copy_of(outcome.folder, tmp_path / "run"), edit)
    with pytest.raises(RunError, match=phrase) as error, opened(folder):
        pass
    assert "give the whole folder of one run" in str(error.value)


def test_the_study_of_another_search_is_named(outcome: Outcome, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", False)
    settings = SearchSettings(str(tmp_path / "table.csv"), target=("y",), budget=2, epochs=1)
    other = search(settings, tmp_path / "other").folder
    folder = copy_of(outcome.folder, tmp_path / "run", "study.db")
    (folder / "study.db").write_bytes((other / "study.db").read_bytes())
    with pytest.raises(RunError, match="is the study of another search") as error, opened(folder):
        pass
    assert f"{folder / 'study.db'} cannot be read" in str(error.value)


def test_a_killed_search_is_one_that_was_interrupted(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run", "results.json", "model.json")
    with opened(folder) as replay:
        results = replay.outcome.results
        assert results.status == "interrupted"
        assert results.finalists == () and results.baseline is None
        assert results.leading == outcome.results.leading
    assert not (folder / "results.json").exists()


def test_a_run_without_a_study_is_refused(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run", "study.db")
    with pytest.raises(RunError, match="has no study.db"), opened(folder):
        pass


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"


def with_a_view(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE study_user_attributes RENAME TO other")
        connection.execute(
            f"CREATE VIEW study_user_attributes AS {ENDLESS} SELECT x AS "
            "study_user_attribute_id, 1 AS study_id, 'x' || x AS key, '1' AS value_json FROM c"
        )


def as_a_link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name("other.db")))


def with_a_link(path: Path) -> None:
    path.with_name("study.db-wal").symlink_to(path.with_name("config.json"))


@pytest.mark.parametrize(
    ("spoil", "phrase"),
    [
        (with_a_view, "it is not Optuna's: it defines the"),
        (
            as_a_link,
            r"study\.db cannot be read .*\(it is a link\): give the whole folder of one run",
        ),
        (with_a_link, r"study\.db-wal is a link: remove it"),
    ],
)
def test_a_study_that_would_do_harm_is_refused(
    spoil: Callable[[Path], None], phrase: str, outcome: Outcome, tmp_path: Path
) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run")
    with opened(folder) as replay:  # the twin
        assert replay.outcome.results == outcome.results
    spoil(folder / "study.db")
    config = (folder / "config.json").read_bytes()
    with pytest.raises(RunError, match=phrase), opened(folder):
        pass
    assert (folder / "config.json").read_bytes() == config


def test_a_readable_study_names_every_network(outcome: Outcome) -> None:
    storage = optuna.storages.InMemoryStorage()
    with opened(outcome.folder) as replay:
        study = readable_study(replay, storage)
        keys = set(replay.study.trained())
        children = {replay.outcome.problem.space.child_at(t.params).key for t in study.trials}
    assert keys <= children
    assert study.metric_names == ["accuracy", "n_parameters"]
    for trial in study.trials:
        attributes = trial.user_attrs
        assert attributes["n_parameters"] == trial.values[1]
        on = {name for name in NAMES.split(",") if trial.params[name]}
        assert on <= set(attributes["symmetries"].split(", ")) or not on
    assert study.user_attrs["data"] == "data"
    (chosen, *_) = [trial for trial in study.trials if "chosen" in trial.user_attrs]
    assert chosen.user_attrs["symmetries"] == study.user_attrs["symmetries"]
    assert study.user_attrs["chosen"] == f"trial {chosen.number}, after retraining on folds"
    assert not any(name.startswith("evaluations") for name in study.user_attrs)


def test_data_of_a_search_with_a_larger_limit_are_read_again(
    outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoequivariant.memory.default_memory_limit", lambda: 1000)
    run = open_run(outcome.folder)
    with replay_run(run) as replay:
        assert "raise --memory-limit" in str(replay.data_error)
    raised = replace(run, settings=replace(run.settings, memory_limit=10**8))
    with replay_run(raised) as replay:
        assert replay.data_error is None
