"""A run is opened again: settings survive the way through config.json, and what is none is said."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.memory import machine_memory
from autoequivariant.runs.run import open_run
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

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
        SearchSettings("digits", objective="score,parameters", widths=(1, 2), timeout=1.5),
        SearchSettings("digits", network="cnn", augmentations=(), sizes=("small", "large")),
    ],
)
def test_settings_survive(settings: SearchSettings) -> None:
    assert SearchSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_paths_are_kept_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits.npz").touch()
    record = SearchSettings("digits.npz", source=Path("here")).to_json()
    assert (record["data"], record["source"]) == (str(tmp_path / "digits.npz"), f"{tmp_path}/here")
    assert SearchSettings("digits").to_json()["data"] == "digits"


def test_a_run_is_what_was_searched(folder: Path) -> None:
    run = open_run(folder)
    assert run.settings == SMALL
    assert run.is_finished
    experiment = run.experiment()
    problem = experiment.problem
    assert problem.identity() == run.identity
    with run.study(problem) as study:
        assert len(study.trained()) == run.results.networks_trained
    x = torch.from_numpy(experiment.data.test.x[:5])
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
        ("results.json", "[" * 100_000, "nested too deeply)): rerun the same aen search"),
        ("results.json", '{"a": 1, "a": 2}', "the key 'a' appears twice"),
        ("config.json", '{"search": ' + "[" * 100_000, "nested too deeply)): give the folder of"),
        ("config.json", '{"search": {}, "search": {}}', "the key 'search' appears twice"),
        ("config.json", '{"format": 5, "kind": "search", "identity": []}', "expected an object"),
        (
            "config.json",
            '{"search": {}, "command": {}}',
            "config.json has no format, and this version reads format 5",
        ),
        ("results.json", '{"best": {}}', "has no format, and this version reads format 5"),
        ("results.json", '{"format": 1}', "has the format 1, and this version reads format 5"),
    ],
)
def test_what_is_no_run_is_refused(
    folder: Path, tmp_path: Path, name: str, text: str | None, phrase: str
) -> None:
    with pytest.raises(RunError) as error:
        open_run(broken(folder, tmp_path / "run", name, text))
    assert phrase in str(error.value)


def changed(record: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """A record with another value at a place; `...` takes it away."""
    copy = json.loads(json.dumps(record))
    part = copy
    for key in place[:-1]:
        part = part[key]
    if value is ...:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return copy


RESULTS = [
    (("best",), [], "best: expected an object, got a list of 0"),
    (("best",), ..., "has no 'best'"),
    (("best", "symmetries"), "hflip", "best.symmetries: expected a list, got 'hflip'"),
    (("best", "symmetries"), [["hflip"]], "symmetries[0]: expected a string, got a list of 1"),
    (("best", "n_parameters"), "7", "n_parameters: expected an integer, got '7'"),
    (("best", "test_interval"), [1], "test_interval: expected a list of length 2, got a list of 1"),
    (
        ("best", "equivariance_error"),
        [],
        "equivariance_error: expected an object or null, got a list of 0",
    ),
    (("baseline",), {}, "baseline has no 'n_parameters'"),
    (("baseline",), True, "baseline: expected an object or null, got True"),
    (("finalists",), {}, "finalists: expected a list, got an object of 0"),
    (("finalists", 0, "folds"), 2**70, "folds: expected"),
    (("leading", 0), None, "leading[0]: expected an object, got None"),
    (("leading", 0, "score"), ..., "leading[0] has no 'score'"),
    (("seconds",), 3, "seconds: expected an object, got 3"),
    (("status",), "done", "status: 'done' is not an allowed value"),
    (("metric",), "hits", "metric: 'hits' is not an allowed value"),
    (("importance",), [], "importance: expected an object or null, got a list of 0"),
    (("warnings",), [1], "warnings[0]: expected a string, got 1"),
]


@pytest.mark.parametrize(("place", "value", "phrase"), RESULTS)
def test_results_of_another_form_are_refused(
    folder: Path, tmp_path: Path, place: tuple[str | int, ...], value: Any, phrase: str
) -> None:
    text = json.dumps(changed(json.loads((folder / "results.json").read_text()), place, value))
    with pytest.raises(RunError) as error:
        open_run(broken(folder, tmp_path / "run", "results.json", text))
    said = str(error.value)
    assert phrase in said and "results.json cannot be read (" in said and "\n" not in said
    assert said.endswith("rerun the same aen search command, which writes it again.")


SOUND = [
    (("more",), {"than": "this version writes"}),
    (("best", "validation_score"), float("nan")),
    (("ablation",), []),
    (("importance",), None),
    (("warnings",), ["one"]),
    (("metric",), "R²"),
    (("distinct_networks",), None),
]


@pytest.mark.parametrize(("place", "value"), SOUND)
def test_sound_results_are_taken(
    folder: Path, tmp_path: Path, place: tuple[str | int, ...], value: Any
) -> None:
    text = json.dumps(changed(json.loads((folder / "results.json").read_text()), place, value))
    assert open_run(broken(folder, tmp_path / "run", "results.json", text)).is_finished


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("command", "seed"), "0"),
        (("command", "data"), 5),
        (("command", "timeout"), []),
        (("command", "layers"), [5]),
        (("command", "classes"), 5),
        (("command", "data"), "a\0b"),
        (("command", "source"), "\0"),
        (("identity", "symmetries"), [5]),
        (("identity", "symmetries"), 5),
    ],
)
def test_settings_of_another_form_are_refused(
    folder: Path, tmp_path: Path, place: tuple[str, ...], value: Any
) -> None:
    text = json.dumps(changed(json.loads((folder / "config.json").read_text()), place, value))
    with pytest.raises(RunError, match="cannot be read as the settings of a search"):
        open_run(broken(folder, tmp_path / "run", "config.json", text))


ODD = [None, [], {}, "x", "\0", -1, 1e308, 2**70, float("inf"), [[1]], True]


def places(record: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a record, of a list the first."""
    if place:
        yield place
    if isinstance(record, dict):
        for key in record:
            yield from places(record[key], (*place, key))
    elif isinstance(record, list) and record:
        yield from places(record[0], (*place, 0))


@pytest.mark.parametrize("name", ["config.json", "results.json"])
def test_any_value_at_any_place_is_read_or_refused(folder: Path, tmp_path: Path, name: str) -> None:
    record = json.loads((folder / name).read_text())
    run = broken(folder, tmp_path / "run", name, json.dumps(record))
    assert open_run(run).is_finished  # the twin
    refused = 0
    for place in places(record):
        for value in ODD:
            (run / name).write_text(json.dumps(changed(record, place, value)))
            try:
                open_run(run, needs_results=False)
            except RunError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused > len(list(places(record)))  # of each, more than one value on average


def test_files_without_end_are_not_read(folder: Path, tmp_path: Path) -> None:
    for name in ("config.json", "results.json"):
        run = broken(folder, tmp_path / name, name, "")
        with (run / name).open("ab") as file:
            file.truncate(2**33)  # takes no room on the disk
        with pytest.raises(RunError, match="has more than 33,554,432 bytes"):
            open_run(run)
    run = broken(folder, tmp_path / "run", "results.json", None)
    os.mkfifo(run / "results.json")
    with pytest.raises(RunError, match="not a regular file"):
        open_run(run)


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
        run.study(run.experiment().problem),
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
    with pytest.raises(RunError, match="have changed since"):
        open_run(tmp_path / "run").experiment()


def test_the_recorded_memory_limit_is_at_most_the_machine(folder: Path) -> None:
    run = open_run(folder)
    limits = {None: None, 10**6: 10**6, 10**18: machine_memory()}
    for recorded, used in limits.items():
        settings = replace(run.settings, memory_limit=recorded)
        assert replace(run, settings=settings).memory_limit == used
