"""Arguments of the estimators: accepted values, and errors for the others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import DataError, SettingsError, SymmetryError
from autoequivariant.estimator.arguments import errors_name_arguments, settings_of
from autoequivariant.estimator.estimators import AutoEquivariantClassifier
from autoequivariant.groups.custom.definition import Definition, candidate_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.settings.settings import SearchSettings

SWAP = Definition.of({"swap": "0 <-> 1"})
IMAGE = Definition.of({"image": [1, 0, 2]})


def settings(**values: Any) -> SearchSettings:
    arguments = AutoEquivariantClassifier(**values).get_params(deep=False)
    return settings_of(arguments, "classification")


GOOD: list[tuple[str, Any, Any]] = [
    ("timeout", "10m", 600.0),
    ("timeout", "1h30m", 5400.0),
    ("timeout", 90, 90.0),
    ("timeout", np.float32(1.5), 1.5),
    ("timeout", None, None),
    ("fit_time", "2m", 120.0),
    ("fit_time", 30, 30),
    ("fit_time", None, None),
    ("budget", np.int64(3), 3),
    ("epochs", np.int64(3), 3),
    ("epochs", None, None),
    ("coding", "one-hot", "one-hot"),
    ("coding", "numbers", "numbers"),
    ("coding", None, None),
    ("partial", True, True),
    ("partial", np.bool_(False), False),
    ("symmetries", None, None),
    ("symmetries", {"swap": "0 <-> 1"}, (SWAP,)),
    ("symmetries", [{"swap": "0 <-> 1"}], (SWAP,)),
    ("symmetries", SWAP, (SWAP,)),
    ("symmetries", Symmetry("hflip"), (Symmetry("hflip"),)),
    ("symmetries", "hflip,vflip", (Symmetry("hflip"), Symmetry("vflip"))),
    ("symmetries", [1, 0, 2], (IMAGE,)),
    ("symmetries", [[1, 0, 2]], (IMAGE,)),
    ("symmetries", np.array([1, 0, 2]), (IMAGE,)),
    ("symmetries", np.array([[1, 0, 2], [0, 2, 1]]), (IMAGE, candidate_of([0, 2, 1]))),
    ("symmetries", ("hflip", [1, 0, 2]), (Symmetry("hflip"), IMAGE)),
]


@pytest.mark.parametrize(("name", "value", "expected"), GOOD)
def test_valid_arguments(name: str, value: Any, expected: Any) -> None:
    assert getattr(settings(**{name: value}), name) == expected


def test_without_a_search_symmetries_are_given() -> None:
    assert not settings().given
    given = settings(symmetries="hflip", search=np.bool_(False))
    assert (given.given, given.symmetries) == (True, (Symmetry("hflip"),))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"search": "no"}, "search must be True or False; got 'no'"),
    ({"search": 0}, "search must be True or False; got 0"),
    ({"symmetries": 5}, "symmetries must be a text, or a list such as ['hflip'] or"),
    ({"symmetries": b"hflip"}, "symmetries must be a text, or a list such as"),
    ({"symmetries": [5, "hflop"]}, "got 5. There is no symmetry 'hflop': did you mean hflip"),
    ({"symmetries": []}, "symmetries names no candidate"),
    (
        {"symmetries": np.array([0.0, 1.0])},
        "symmetries must be an array of integers, as in [1, 0, 2]; got an array of float64",
    ),
    ({"budget": "many"}, "budget must be an integer; got 'many'."),
    ({"budget": None}, "budget must be an integer; got None."),
    ({"budget": 2.5}, "budget must be an integer; got 2.5."),
    ({"budget": True}, "budget must be an integer; got True."),
    ({"budget": 0}, "budget must be 1 or more; got 0."),
    ({"epochs": "x"}, "epochs must be an integer or None; got 'x'."),
    ({"epochs": 1.5}, "epochs must be an integer or None; got 1.5."),
    (
        {"timeout": "soon"},
        "timeout must be a time of more than 0, such as 90s, 10m or 1h30m; got 'soon'.",
    ),
    (
        {"fit_time": "soon"},
        "fit_time must be a time of more than 0, such as 90s, 10m or 1h30m; got 'soon'.",
    ),
    ({"fit_time": 0}, "fit_time must be a positive number of seconds; got 0."),
    ({"timeout": float("nan")}, "timeout must be a positive number of seconds; got nan."),
    ({"timeout": float("inf")}, "timeout must be a positive number of seconds; got inf."),
    ({"timeout": True}, "timeout must be a number or None; got True."),
    ({"timeout": -1}, "timeout must be a positive number of seconds; got -1."),
    ({"network": None}, "network must be one of auto, mlp, cnn; got None."),
    ({"network": "rnn"}, "network must be one of auto, mlp, cnn; got 'rnn'."),
    ({"sampler": None}, "sampler must be one of auto, lattice"),
    ({"coding": "both"}, "coding must be one of numbers, one-hot; got 'both'."),
    ({"coding": 1}, "coding must be one of numbers, one-hot; got 1."),
    (
        {"coding": "one-hot", "network": "cnn"},
        "coding requires network mlp and cannot be combined with network cnn.",
    ),
    ({"partial": "yes"}, "partial must be True or False; got 'yes'."),
    ({"partial": True, "network": "mlp"}, "partial requires network cnn"),
    ({"partial": True, "search": False}, "Given symmetries are not searched: name levels, as in"),
    ({"device": None}, "device must be a string; got None."),
    ({"kind": 5}, "kind must be a string or None; got 5."),
    ({"budget": "x", "epochs": "y"}, "got 'x'. epochs must be an integer"),
]


@pytest.mark.parametrize(("values", "phrase"), BAD)
def test_invalid_arguments(values: dict[str, Any], phrase: str) -> None:
    with pytest.raises(ValueError) as error, errors_name_arguments():
        settings(**values)
    assert phrase in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None
    assert "\n" not in str(error.value)


MESSAGES = [
    ("--train-size and --seed", "train_size and random_state"),
    (
        "take them as classes with --task classification.",
        "take them as classes with AutoEquivariantClassifier.",
    ),
    ("There is no column 'seed_count'", "There is no column 'seed_count'"),
    ("There is no column '--max-depth'", "There is no column '--max-depth'"),
]


@pytest.mark.parametrize(("text", "expected"), MESSAGES)
def test_errors_name_arguments_instead_of_options(text: str, expected: str) -> None:
    with pytest.raises(DataError) as error, errors_name_arguments():
        raise DataError(text)
    assert str(error.value) == expected


def test_a_function_has_the_task_as_an_argument() -> None:
    with pytest.raises(DataError) as error, errors_name_arguments(has_task=True):
        raise DataError("choose with --task regression, --task or --seed.")
    assert str(error.value) == "choose with task='regression', task or random_state."


def test_the_type_of_an_error_is_kept() -> None:
    for kind in (SettingsError, SymmetryError):
        with pytest.raises(kind, match="random_state"), errors_name_arguments():
            raise kind("--seed")


def test_candidates_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("- swap: 0 <-> 1\n")
    assert settings(symmetries=tmp_path / "mine.yaml").symmetries == (SWAP,)


def test_an_unknown_argument_names_the_estimators() -> None:
    with pytest.raises(TypeError, match=r"AutoEquivariantEstimator.__init__\(\) got an unexpected"):
        AutoEquivariantClassifier(epoch=3)  # type: ignore[call-arg]


def test_a_fit_time_asks_for_a_full_fit() -> None:
    assert settings(fit_time="2m").fits == "full"
    assert settings(fit_time=None).fits == "quick"
    assert (settings().fits, settings().fit_time) == ("full", 20)
