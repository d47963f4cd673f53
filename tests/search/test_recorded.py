"""What a run left behind is read again: the same outcome, nothing trained, nothing changed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import optuna
import pytest

from autoequivariant.errors import RunError
from autoequivariant.groups import parse_symmetries
from autoequivariant.search import Outcome, SearchSettings, open_run, search
from autoequivariant.search.readable import readable_study
from autoequivariant.search.recorded import Recorded, recorded

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
        objective="accuracy,weights",
        widths=(1, 2),
        budget=8,
        epochs=2,
    )
    return search(settings, folder / "run")


@contextmanager
def opened(folder: Path) -> Iterator[Recorded]:
    with recorded(open_run(folder, needs_results=False)) as record:
        yield record


def copy_of(folder: Path, target: Path, *without: str) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        if path.name not in without:
            (target / path.name).write_bytes(path.read_bytes())
    return target


def test_the_outcome_is_what_the_search_returned(outcome: Outcome) -> None:
    before = {path.name: path.read_bytes() for path in outcome.folder.iterdir()}
    with opened(outcome.folder) as record:
        again = record.outcome
        assert again.choice == outcome.choice
        assert again.leaders == outcome.leaders
        assert again.status == outcome.status
        assert record.missing is None
    assert {path.name: path.read_bytes() for path in outcome.folder.iterdir()} == before


def test_without_its_data_the_networks_are_the_same(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    config["command"]["data"] = str(tmp_path / "gone.npz")
    (folder / "config.json").write_text(json.dumps(config))
    with opened(folder) as record:
        assert record.missing is not None
        assert "gone.npz" in record.missing
        problem = record.outcome.problem
        assert record.outcome.choice == outcome.choice
        assert problem.data.validation.x.shape == outcome.problem.data.validation.x.shape
        counts = [problem.space.count_weights(c) for c in problem.space.children]
        assert counts == [outcome.problem.space.count_weights(c) for c in problem.space.children]


def test_a_killed_search_is_one_that_was_interrupted(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run", "results.json", "model.json")
    with opened(folder) as record:
        assert record.outcome.status == "interrupted"
        assert record.outcome.choice is None
        assert record.outcome.leaders == outcome.leaders
    assert not (folder / "results.json").exists()


def test_a_run_without_a_study_is_refused(outcome: Outcome, tmp_path: Path) -> None:
    folder = copy_of(outcome.folder, tmp_path / "run", "study.db")
    with pytest.raises(RunError, match="has no study.db"), opened(folder):
        pass


def test_a_study_for_people_names_every_network(outcome: Outcome) -> None:
    storage = optuna.storages.InMemoryStorage()
    with opened(outcome.folder) as record:
        study = readable_study(record, storage)
        keys = set(record.study.trained())
        children = {record.outcome.problem.space.child_at(t.params).key for t in study.trials}
    assert keys <= children
    assert study.metric_names == ["accuracy", "weights"]
    for trial in study.trials:
        said = trial.user_attrs
        assert said["weights"] == trial.values[1]
        on = {name for name in NAMES.split(",") if trial.params[name]}
        assert on <= set(said["symmetries"].split(", ")) or not on
    assert study.user_attrs["data"] == "data"
    assert not any(name.startswith("evaluations") for name in study.user_attrs)
