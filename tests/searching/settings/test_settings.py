"""Settings are checked together; times are read as people write them."""

import json
import re
from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.settings.settings import SearchSettings, parse_duration

GOOD: list[dict[str, Any]] = [
    {},
    {"budget": 1},
    {"budget": 1_000_000},
    {"epochs": 1, "channels": 1, "train_size": 1, "validation_size": 1, "memory_limit": 1},
    {"seed": 2**200},
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
]

BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"budget": 0}, ["--budget must be 1 or more, not 0."]),
    ({"budget": 1_000_001}, ["--budget must be at most 1,000,000, not 1,000,001."]),
    ({"train_size": -4}, ["--train-size must be 1 or more, not -4."]),
    ({"validation_size": 0}, ["--validation-size must be 1 or more, not 0."]),
    ({"memory_limit": 0}, ["--memory-limit must be 1 or more, not 0."]),
    ({"seed": -1}, ["--seed must be 0 or more, not -1."]),
    ({"timeout": 0.0}, ["--timeout must be more than 0 seconds, not 0."]),
    ({"symmetries": ()}, ["--symmetries names no candidate"]),
    ({"target": ()}, ["--target names no column: give one, or leave it out."]),
    ({"target": ("a",), "drop": ("b", " ")}, ["--drop names no column"]),
    ({"task": "rank"}, ["--task knows classification, regression, not 'rank'."]),
    (
        {"sampler": "grid"},
        ["--sampler knows auto, lattice, exhaustive, random, tpe, nsga2, dqn, not 'grid'."],
    ),
    (
        {"objective": "n_parameters"},
        ["--objective knows score, score,parameters, not 'n_parameters'."],
    ),
    (
        {"sampler": "dqn", "objective": "score,parameters"},
        ["--sampler dqn handles one objective only: use", "or one of lattice, exhaustive"],
    ),
    (
        {"widths": (1, 2)},
        ["--widths are searched with", "--objective score,parameters: add that."],
    ),
    (
        {"widths": (), "objective": "score,parameters"},
        ["--widths are numbers of channels of 1 or more, as in 1,2,4."],
    ),
    ({"widths": (2, 0), "objective": "score,parameters"}, ["--widths are numbers of channels"]),
    (
        {"widths": (1, 10**9 + 1), "objective": "score,parameters", "channels": 10**9 + 1},
        ["--channels must be at most 1,000,000,000.", "--widths must be at most 1,000,000,000."],
    ),
    ({"preset": "papre"}, ["--preset knows paper, not 'papre'."]),
    (
        {"sampler": "x", "final": "y", "epochs": 0, "channels": -1, "seed": -7, "timeout": -1.0},
        ["--sampler", "--final", "--epochs", "--channels", "--seed", "--timeout"],
    ),
    (
        {
            "network": "rnn",
            "backbone": "x",
            "sizes": ("huge",),
            "augmentations": ("hflop", "shear"),
        },
        [
            "--network knows auto, mlp, cnn, not 'rnn'.",
            "--backbone knows paper, residual, not 'x'.",
            "--augmentations knows rotation, hflip, vflip, translation, scale, shear, not 'hflop'.",
            "--size knows small, medium, large, not 'huge'.",
        ],
    ),
    (
        {"augmentations": ("shear",), "backbone": "paper", "layers": (Grid(4, 4),), "channels": 1},
        [
            "--augmentations, ",
            "--backbone is for",
            "--network cnn and",
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
NO_TIMES = ["", "0", "0s", "-5", "5d", "m", "1m1h", "ten", "1..5s", ".", "1e3", "5 m", "9" * 400]


@pytest.mark.parametrize(("text", "seconds"), TIMES)
def test_a_time(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", NO_TIMES)
def test_no_time(text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"Time {text!r} is not understood: write")):
        parse_duration(text)


def test_settings_with_columns_come_back_from_json() -> None:
    settings = SearchSettings("t.csv", target=("a", "b"), drop=("c",), task="regression")
    record = json.loads(json.dumps(settings.to_json()))
    assert (record["target"], record["drop"], record["task"]) == (["a", "b"], ["c"], "regression")
    again = SearchSettings.from_json(record)
    assert (again.target, again.drop, again.task) == (("a", "b"), ("c",), "regression")


def test_settings_of_an_older_run_are_read() -> None:
    record = SearchSettings("digits").to_json()
    for name in ("target", "drop", "task"):
        del record[name]
    assert SearchSettings.from_json(record) == SearchSettings("digits")
    del record["seed"]
    with pytest.raises(LookupError):
        SearchSettings.from_json(record)
