"""Settings are checked together; durations are parsed as users write them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import SettingsError, shown
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.settings.duration import parse_duration
from autoequivariant.searching.settings.settings import SearchSettings

GOOD: list[dict[str, Any]] = [
    {},
    {"budget": 1},
    {"budget": 1_000_000},
    {"epochs": 1, "channels": 1, "train_size": 1, "validation_size": 1, "memory_limit": 1},
    {"seed": 2**256 - 1},
    {"epochs": 10**9},
    {"timeout": 0.001},
    {"sampler": "tpe", "preset": "paper", "final": "dense"},
    *({"sampler": name} for name in SAMPLERS),
    *({"sampler": n, "objective": "score,parameters"} for n in SAMPLERS if n != "dqn"),
    {"objective": "score,parameters", "widths": (1,)},
    {"objective": "score,parameters", "widths": (8, 2, 2)},
    {"network": "cnn", "sizes": ("large", "small"), "backbone": "residual", "pruner": "quartile"},
    {"network": "mlp", "final": "dense", "channels": 2},
    {"augmentations": ("hflip", "shear"), "symmetries": ()},
    {"augmentations": (), "symmetries": parse_symmetries("hflip")},
    {"network": "cnn", "symmetries": ()},
    {"pruner": "none", "sampler": "exhaustive"},
    {"pruner": "none", "objective": "score,parameters"},
    {"pruner": "median", "sampler": "dqn"},
    {"target": ("a, b", "c"), "drop": ("d",), "task": "classification"},
    {"task": "regression"},
    {"fit": "full", "fit_time": 60.0},
    {"fit": "full", "fit_time": 60.0, "given": True},
]

BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"budget": 0}, ["--budget must be 1 or more; got 0."]),
    ({"budget": 1_000_001}, ["--budget must be at most 1,000,000; got 1000001."]),
    ({"train_size": -4}, ["--train-size must be 1 or more; got -4."]),
    ({"validation_size": 0}, ["--validation-size must be 1 or more; got 0."]),
    ({"memory_limit": 0}, ["--memory-limit must be 1 or more; got 0."]),
    ({"seed": -1}, ["--seed must be 0 or more; got -1."]),
    ({"timeout": 0.0}, ["--timeout must be a positive number of seconds; got 0."]),
    *(
        (
            {"fit_time": 60.0, **other},
            ["--fit-time requires", "--fit full: add that, or leave the time out."],
        )
        for other in ({}, {"fit": "quick"}, {"fit": "none"}, {"fit": "quick", "given": True})
    ),
    ({"symmetries": ()}, ["--symmetries names no candidate"]),
    ({"target": ()}, ["--target names no column: give one, or leave it out."]),
    ({"target": ("a",), "drop": ("b", " ")}, ["--drop names no column"]),
    ({"task": "rank"}, ["--task must be one of classification, regression; got 'rank'."]),
    (
        {"sampler": "grid"},
        [
            "--sampler must be one of auto, lattice, exhaustive, random, tpe, nsga2, dqn; got "
            "'grid'."
        ],
    ),
    (
        {"objective": "n_parameters"},
        ["--objective must be one of score, score,parameters; got 'n_parameters'."],
    ),
    (
        {"sampler": "dqn", "objective": "score,parameters"},
        ["--sampler dqn handles one objective only: use", "or one of lattice, exhaustive"],
    ),
    (
        {"widths": (1, 2)},
        ["--widths requires", "--objective score,parameters: add that."],
    ),
    (
        {"widths": (), "objective": "score,parameters"},
        ["--widths must be numbers from 1 to 1,000,000,000, as in 1,2,4."],
    ),
    ({"widths": (2, 0), "objective": "score,parameters"}, ["--widths must be numbers from 1 to"]),
    (
        {"widths": (1, 10**9 + 1), "objective": "score,parameters", "channels": 10**9 + 1},
        ["--channels must be at most 1,000,000,000;", "--widths must be numbers from 1"],
    ),
    ({"preset": "papre"}, ["--preset must be one of paper; got 'papre'."]),
    (
        {"sampler": "x", "final": "y", "epochs": 0, "channels": -1, "seed": -7, "timeout": -1.0},
        ["--sampler", "--final", "--epochs", "--channels", "--seed", "--timeout"],
    ),
    (
        {"seed": 2**256, "epochs": 10**9 + 1, "budget": -(10**5000)},
        [
            "--budget must be 1 or more; got a number of more than 60 digits.",
            "--epochs must be at most 1,000,000,000; got 1000000001.",
            "--seed must be at most",
        ],
    ),
    (
        {
            "network": "rnn",
            "backbone": "x",
            "sizes": ("huge",),
            "augmentations": ("hflop", "shear"),
        },
        [
            "--network must be one of auto, mlp, cnn; got 'rnn'.",
            "--backbone must be one of pyramid, paper, residual; got 'x'.",
            "--augmentations must be one of rotation, hflip, vflip, translation, scale, shear; got "
            "'hflop'.",
            "--size must be one of small, medium, large; got 'huge'.",
        ],
    ),
    (
        {"augmentations": ("shear",), "backbone": "paper", "layers": (Grid(4, 4),), "channels": 1},
        [
            "--augmentations, ",
            "--backbone requires",
            "--network cnn and cannot be combined with",
            "--layers, ",
            "--channels.",
        ],
    ),
]


@pytest.mark.parametrize("options", GOOD)
def test_settings_that_can_be_used(options: dict[str, Any]) -> None:
    assert SearchSettings("digits", **options).data == "digits"


@pytest.mark.parametrize(("options", "phrases"), BAD)
def test_settings_that_cannot_be_used(options: dict[str, Any], phrases: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        SearchSettings("digits", **options)
    for phrase in phrases:
        assert phrase in str(caught.value)
    assert str(caught.value).count("--") == len(phrases)


TIMES = [
    ("90", 90),
    ("90s", 90),
    ("10m", 600),
    ("1.5h", 5400),
    ("1h30m", 5400),
    ("1h30", 3630),
    ("2m05s", 125),
    (" 5s ", 5),
    (".5s", 0.5),
]
INVALID_TIMES = [
    "",
    "0",
    "0s",
    "-5",
    "5d",
    "m",
    "1m1h",
    "ten",
    "1..5s",
    ".",
    "1e3",
    "5 m",
    "9" * 400,
    "9" * 5000,
    "٣s",
]


@pytest.mark.parametrize(("text", "seconds"), TIMES)
def test_times(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", INVALID_TIMES)
def test_invalid_times(text: str) -> None:
    with pytest.raises(
        SettingsError,
        match=re.escape(
            "--timeout must be a time of more than 0, such as 90s, 10m or 1h30m; got "
            f"{shown(text)}."
        ),
    ):
        parse_duration(text)


def test_settings_with_columns_come_back_from_json() -> None:
    settings = SearchSettings("t.csv", target=("a", "b"), drop=("c",), task="regression")
    record = json.loads(json.dumps(settings.to_json()))
    assert (record["target"], record["drop"], record["task"]) == (["a", "b"], ["c"], "regression")
    again = SearchSettings.from_json(record)
    assert (again.target, again.drop, again.task) == (("a", "b"), ("c",), "regression")


def test_a_record_without_a_field_is_refused() -> None:
    record = SearchSettings("digits").to_json()
    assert SearchSettings.from_json({**record, "version": "1"}) == SearchSettings("digits")
    del record["seed"]
    with pytest.raises(LookupError):
        SearchSettings.from_json(record)


TYPES: list[tuple[str, Any, Any, str]] = [
    ("budget", 3, "3", "--budget must be an integer; got '3'."),
    ("epochs", None, 2.0, "--epochs must be an integer or None; got 2.0."),
    ("seed", 1, True, "--seed must be an integer; got True."),
    ("tests", False, 1, "--tests must be True or False; got 1."),
    ("smallest", True, None, "--smallest must be True or False; got None."),
    ("timeout", 60, "1m", "--timeout must be a number or None; got '1m'."),
    ("kind", "grid", 5, "--kind must be a string or None; got 5."),
    ("device", "cpu", None, "--device must be a string; got None."),
    ("task", "regression", 1, "--task must be one of classification, regression; got 1."),
    ("target", ["a"], [1], "--target must be a tuple or None; got (1,)."),
    ("widths", None, "12", "--widths must be a tuple or None; got '12'."),
]


@pytest.mark.parametrize(("name", "good", "bad", "message"), TYPES)
def test_values_of_another_type_are_refused(name: str, good: Any, bad: Any, message: str) -> None:
    record = SearchSettings("digits").to_json()
    assert SearchSettings.from_json({**record, name: good})
    with pytest.raises(SettingsError, match=re.escape(message)):
        SearchSettings.from_json({**record, name: bad})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1.0])
def test_a_timeout_is_positive_and_finite(number: float) -> None:
    with pytest.raises(SettingsError, match="--timeout must be a positive number of seconds; got"):
        SearchSettings("digits", timeout=number)


def test_only_existing_paths_are_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("digits", "here.csv"):
        (tmp_path / name).write_text("")
    expected = {
        "here.csv": str(tmp_path / "here.csv"),
        "./digits": str(tmp_path / "digits"),
        "digits": "digits",  # a name, even beside a file of that name
        "rows:orders": "rows:orders",  # for a registered source
        "": "",
    }
    for data, recorded in expected.items():
        assert SearchSettings(data).to_json()["data"] == recorded
