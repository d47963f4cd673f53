"""A run is opened again: settings survive the way through config.json, and what is none is said."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups import Grid, parse_symmetries
from autoequivariant.search import SearchSettings, open_run, search

SMALL = SearchSettings(
    "digits",
    symmetries=parse_symmetries("hflip,translate_x:2"),
    plant=parse_symmetries("hflip"),
    layers=(Grid(4, 4),),
    channels=1,
    epochs=1,
    train_size=60,
    validation_size=40,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return search(SMALL, tmp_path_factory.mktemp("open") / "run").folder


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        SearchSettings("mnist", source=Path("/somewhere")),
        SearchSettings("digits", objective="accuracy,weights", widths=(1, 2), timeout=1.5),
        SearchSettings("digits", network="cnn", augmentations=(), sizes=("small", "large")),
    ],
)
def test_settings_survive(settings: SearchSettings) -> None:
    assert SearchSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_paths_are_kept_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record = SearchSettings("digits.npz", source=Path("here")).to_json()
    assert (record["data"], record["source"]) == (str(tmp_path / "digits.npz"), f"{tmp_path}/here")
    assert SearchSettings("digits").to_json()["data"] == "digits"


def test_a_run_is_what_was_searched(folder: Path) -> None:
    run = open_run(folder)
    assert run.settings == SMALL
    assert run.is_finished
    problem = run.problem()
    assert problem.identity() == run.identity
    with run.study(problem) as study:
        assert len(study.trained()) == run.results["networks_trained"]
    x = torch.from_numpy(problem.data.test.x[:5])
    assert run.model()(x).shape == (5, 10)


def broken(folder: Path, out: Path, name: str, text: str | None) -> Path:
    """A copy of a run with another file in it, or without it."""
    out.mkdir()
    for path in folder.iterdir():
        (out / path.name).write_bytes(path.read_bytes())
    (out / name).unlink()
    if text is not None:
        (out / name).write_text(text)
    return out


@pytest.mark.parametrize(
    ("name", "text", "phrase"),
    [
        ("config.json", None, "is not the folder of a run (it has no config.json)"),
        ("config.json", "{}", "cannot be read as the settings of a search"),
        ("config.json", '{"search": {}, "command": {"version": "1"}}', "cannot be read as"),
        ("results.json", None, "has no results.json yet"),
        ("results.json", "[]", "results.json cannot be read"),
        ("results.json", "{", "results.json cannot be read"),
    ],
)
def test_what_is_no_run_is_refused(
    folder: Path, tmp_path: Path, name: str, text: str | None, phrase: str
) -> None:
    with pytest.raises(RunError) as error:
        open_run(broken(folder, tmp_path / "run", name, text))
    assert phrase in str(error.value)


def test_without_a_model(folder: Path, tmp_path: Path) -> None:
    results: dict[str, Any] = json.loads((folder / "results.json").read_text())
    unfinished = json.dumps({**results, "baseline": None})
    run = open_run(broken(folder, tmp_path / "run", "results.json", unfinished))
    with pytest.raises(RunError, match="has no model yet"):
        run.model()
    with pytest.raises(ModelError, match="model.json is missing"):
        open_run(broken(folder, tmp_path / "other", "model.json", None)).model()


def test_without_a_study(folder: Path, tmp_path: Path) -> None:
    run = open_run(broken(folder, tmp_path / "run", "study.db", None))
    with (
        pytest.raises(RunError, match=r"has no study\.db"),
        run.study(run.problem()),
    ):
        pass


def test_other_data_are_noticed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = tmp_path / "noise.npz"
    for seed in (0, 1):
        np.savez(data, x_train=rng.random((80, 4, 4)), y_train=np.arange(80) % 2)
        if seed == 0:
            settings = SearchSettings(str(data), symmetries=parse_symmetries("hflip"), epochs=1)
            search(settings, tmp_path / "run")
    with pytest.raises(RunError, match="are not what they were"):
        open_run(tmp_path / "run").problem()
