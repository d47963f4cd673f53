"""Arguments of the estimators: what is accepted, and the one sentence where something is not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import DataError, SettingsError, SymmetryError
from autoequivariant.estimator.arguments import in_pythons_words, settings_of
from autoequivariant.estimator.estimators import AutoEquivariantClassifier
from autoequivariant.groups.custom.definition import Definition, candidate_of
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.settings.settings import SearchSettings

SWAP = Definition.of({"swap": "0 <-> 1"})
IMAGE = Definition.of({"image": [1, 0, 2]})


def settings(**given: Any) -> SearchSettings:
    arguments = AutoEquivariantClassifier(**given).get_params(deep=False)
    return settings_of(arguments, "classification")


GOOD: list[tuple[str, Any, Any]] = [
    ("timeout", "10m", 600.0),
    ("timeout", "1h30m", 5400.0),
    ("timeout", 90, 90.0),
    ("timeout", np.float32(1.5), 1.5),
    ("timeout", None, None),
    ("budget", np.int64(3), 3),
    ("epochs", np.int64(3), 3),
    ("epochs", None, None),
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
def test_what_is_accepted(name: str, value: Any, expected: Any) -> None:
    assert getattr(settings(**{name: value}), name) == expected


BAD: list[tuple[dict[str, Any], str]] = [
    ({"symmetries": 5}, "symmetries is a text, or a list such as ['hflip'] or"),
    ({"symmetries": b"hflip"}, "symmetries is a text, or a list such as"),
    ({"symmetries": [5, "hflop"]}, "got 5. There is no symmetry 'hflop': did you mean hflip"),
    ({"symmetries": []}, "symmetries names no candidate"),
    (
        {"symmetries": np.array([0.0, 1.0])},
        "symmetries is an array of float64: an index array",
    ),
    ({"budget": "many"}, "budget is a whole number of 1 or more, not 'many'."),
    ({"budget": None}, "budget is a whole number of 1 or more, not None."),
    ({"budget": 2.5}, "budget is a whole number of 1 or more, not 2.5."),
    ({"budget": True}, "budget is a whole number of 1 or more, not True."),
    ({"budget": 0}, "budget must be 1 or more, not 0."),
    ({"epochs": "x"}, "epochs is a whole number of 1 or more, or None, not 'x'."),
    ({"epochs": 1.5}, "epochs is a whole number of 1 or more, or None, not 1.5."),
    ({"timeout": "soon"}, "timeout: Time 'soon' is not understood: write 90s, 10m or 1h30m."),
    ({"timeout": float("nan")}, "timeout is a number of seconds, a text such as '10m', or None"),
    ({"timeout": float("inf")}, "or None for no limit, not inf."),
    ({"timeout": True}, "or None for no limit, not True."),
    ({"timeout": -1}, "timeout must be more than 0 seconds, not -1."),
    ({"network": None}, "network knows auto, mlp, cnn, not None."),
    ({"network": "rnn"}, "network knows auto, mlp, cnn, not 'rnn'."),
    ({"sampler": None}, "sampler knows auto, lattice"),
    ({"device": None}, "device must be cpu or cuda; got None."),
    ({"kind": 5}, "kind is a text such as grid, or None, not 5."),
    ({"budget": "x", "epochs": "y"}, "not 'x'. epochs is a whole number"),
]


@pytest.mark.parametrize(("given", "phrase"), BAD)
def test_what_is_not_is_said_in_a_sentence(given: dict[str, Any], phrase: str) -> None:
    with pytest.raises(ValueError) as error, in_pythons_words():
        settings(**given)
    assert phrase in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None
    assert "\n" not in str(error.value)


WORDS = [
    ("--train-size and --seed", "train_size and random_state"),
    (
        "take them as classes with --task classification.",
        "take them as classes with AutoEquivariantClassifier.",
    ),
    ("There is no column 'seed_count'", "There is no column 'seed_count'"),
    ("There is no column '--max-depth'", "There is no column '--max-depth'"),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_options_are_arguments(text: str, expected: str) -> None:
    with pytest.raises(DataError) as error, in_pythons_words():
        raise DataError(text)
    assert str(error.value) == expected


def test_the_kind_of_an_error_stays() -> None:
    for kind in (SettingsError, SymmetryError):
        with pytest.raises(kind, match="random_state"), in_pythons_words():
            raise kind("--seed")


def test_a_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("- swap: 0 <-> 1\n")
    assert settings(symmetries=tmp_path / "mine.yaml").symmetries == (SWAP,)


def test_an_unknown_argument_names_the_estimators() -> None:
    with pytest.raises(TypeError, match=r"AutoEquivariantEstimator.__init__\(\) got an unexpected"):
        AutoEquivariantClassifier(epoch=3)  # type: ignore[call-arg]
