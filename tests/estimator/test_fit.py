"""`fit` with all sorts of labels, targets and shapes, and its warnings."""

import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.estimator import base
from autoequivariant.estimator.estimators import AutoEquivariantClassifier, AutoEquivariantRegressor
from autoequivariant.groups.custom.definition import resolve
from autoequivariant.groups.permutation import Permutation
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.clock import Clock
from autoequivariant.training.singles import Single, Singles

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 2))
THIRDS = np.digitize(X.sum(1), [-0.7, 0.7])


class Stopped(Exception):
    """Raised instead of searching."""


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments of the search, which does not take place."""
    arguments: dict[str, Any] = {}

    def search(settings: SearchSettings, *_: Any, samples: Any, **__: Any) -> None:
        arguments["symmetries"] = resolve(settings.symmetries or (), data_spec(samples))
        arguments["samples"] = samples
        raise Stopped

    monkeypatch.setattr(base, "search", search)
    return arguments


def players(exchange: str) -> dict[str, Any]:
    return {"name": "players", "like": "negate", "outputs": {"swap": exchange}}


LABELS: list[tuple[list[Any], str, list[int]]] = [
    (["a draw", "loss", "win"], "loss <-> win", [0, 2, 1]),
    ([1, 2, 3], "1 <-> 3", [2, 1, 0]),
    ([1, 2, 3], "1 <-> 2", [1, 0, 2]),
    ([1.0, 2.0, 3.0], "2 <-> 3", [0, 2, 1]),
    ([-1, 0, 1], "-1 <-> 1", [2, 1, 0]),
    ([False, True], "False <-> True", [1, 0]),
]


@pytest.mark.parametrize(("labels", "exchange", "image"), LABELS)
def test_outputs_are_named_by_the_labels_of_y(
    labels: list[Any], exchange: str, image: list[int], searched: dict[str, Any]
) -> None:
    y = np.array(labels)[THIRDS % len(labels)]
    with pytest.raises(Stopped):
        AutoEquivariantClassifier(players(exchange), fit_time=None).fit(X, y)
    (symmetry,) = searched["symmetries"]
    assert symmetry.output_action(len(labels)) == Permutation(image)


UNKNOWN: list[tuple[list[Any], str, str]] = [
    ([1, 2, 3], "0 <-> 2", "There is no class '0': they are 1, 2, 3"),
    (["a", "b", "c"], "a <-> d", "There is no class 'd': they are a, b, c"),
    (["a", "b", "c"], "0 <-> 3", "There is no class '3': they are a, b, c, and they are numbered"),
]


@pytest.mark.parametrize(("labels", "exchange", "phrase"), UNKNOWN)
def test_unknown_labels(labels: list[Any], exchange: str, phrase: str) -> None:
    with pytest.raises(SymmetryError) as error:
        AutoEquivariantClassifier(players(exchange), fit_time=None).fit(X, np.array(labels)[THIRDS])
    assert phrase in str(error.value)
    text = "".join(traceback.format_exception(error.value))
    assert "direct cause" not in text and "During handling" not in text


def test_one_class_is_named_as_in_y() -> None:
    with pytest.raises(ValueError, match="y must hold two classes or more; got only 'cold'"):
        AutoEquivariantClassifier(fit_time=None).fit(X, ["cold"] * len(X))


TARGETS: list[tuple[Any, str, str]] = [
    (pd.DataFrame({"fx": X[:, 0], "fy": X[:, 1]}), "swap", "fx <-> fy"),
    (X, "swap", "target_0 <-> target_1"),
    (X, "swap", "0 <-> 1"),
]


@pytest.mark.parametrize(("y", "key", "value"), TARGETS)
def test_outputs_are_named_by_the_columns_of_y(
    y: Any, key: str, value: str, searched: dict[str, Any]
) -> None:
    with pytest.raises(Stopped):
        AutoEquivariantRegressor({"swap": "0 <-> 1", "outputs": {key: value}}, fit_time=None).fit(
            X, y
        )
    (symmetry,) = searched["symmetries"]
    assert symmetry.output_action(2) == Permutation([1, 0])


def test_a_series_names_its_target(searched: dict[str, Any]) -> None:
    with pytest.raises(Stopped):
        AutoEquivariantRegressor(fit_time=None).fit(X, pd.Series(X[:, 0], name="angle"))
    assert searched["samples"].targets == ("angle",)
    with pytest.raises(SymmetryError, match="There is no target 'fz': they are fx, fy"):
        frame = pd.DataFrame({"fx": X[:, 0], "fy": X[:, 1]})
        AutoEquivariantRegressor(
            {"swap": "0 <-> 1", "outputs": {"negate": "fz"}}, fit_time=None
        ).fit(X, frame)


SHAPES: list[tuple[tuple[int, ...], str | None, bool]] = [
    ((8, 8, 3), None, True),
    ((8, 8, 1), "grid", True),
    ((8, 8, 4), None, True),
    ((12, 8, 3), None, True),
    ((4, 4, 4, 3), None, True),
    ((3, 8, 8), None, False),
    ((1, 8, 8), None, False),
    ((8, 8, 8), None, False),
    ((12, 8, 8), None, False),
    ((3, 3, 3), None, False),
    ((12, 8, 4), None, False),
    ((8, 8, 3), "volume", False),
    ((1, 4, 4, 4), None, False),
    ((8, 3), None, False),
    ((3,), None, False),
]


@pytest.mark.parametrize(("sides", "kind", "is_warned_of"), SHAPES)
def test_channels_that_seem_to_be_last(
    sides: tuple[int, ...], kind: str | None, is_warned_of: bool, searched: dict[str, Any]
) -> None:
    x = RNG.normal(size=(20, *sides))
    with warnings.catch_warnings(record=True) as issued, pytest.raises(Stopped):
        warnings.simplefilter("always")
        AutoEquivariantClassifier(kind=kind, fit_time=None).fit(x, np.arange(20) % 2)
    assert [w.category for w in issued] == [UserWarning] * is_warned_of
    if is_warned_of:
        assert "give np.moveaxis(X, -1, 1)" in str(issued[0].message)
        assert f"{sides[0]} channels of {'x'.join(map(str, sides[1:]))}" in str(issued[0].message)
        assert issued[0].filename == __file__


def test_warnings_point_to_the_call_of_fit() -> None:
    x = X * [1, 100]
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        model = AutoEquivariantClassifier(epochs=1, fit_time=None).fit(x, THIRDS)
    texts = [str(warning.message) for warning in issued]
    assert texts == model.warnings_
    assert texts[0].startswith("24 validation samples are too few")
    assert texts[1].startswith("Neither the names of the columns")
    assert all(w.category is UserWarning and w.filename == __file__ for w in issued)


def test_no_warnings() -> None:
    x = RNG.normal(size=(900, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = AutoEquivariantClassifier("swap:0-1", epochs=1, fit_time=None).fit(x, x.sum(1) > 0)
    assert model.warnings_ == []
    assert list(model.classes_) == [False, True]


def test_copies_are_warned_of() -> None:
    doubled, labels = np.concatenate([X, X[:50, ::-1]]), np.concatenate([THIRDS, THIRDS[:50]])
    model = AutoEquivariantClassifier("swap:0-1", epochs=1, budget=2, fit_time=None)
    with pytest.warns(UserWarning, match="50 samples are copies of others") as issued:
        model.fit(doubled, labels)
    assert any(str(one.message) in model.warnings_ for one in issued)


@pytest.mark.parametrize(("timeout", "steps"), [(None, 32), (600, 1)])
def test_the_last_training_ends_in_time(
    timeout: float | None, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(Clock):
        elapsed = 600.0

    counts: list[float] = []

    class Watched(Singles):
        def train(self, singles: Sequence[Single], on_part: Callable[[float], None]) -> Any:
            assert singles[0].replicate == base._REFIT
            return super().train(singles, counts.append)

    monkeypatch.setattr(base, "Clock", Late)
    monkeypatch.setattr(base, "Singles", Watched)
    estimator = AutoEquivariantClassifier(
        "negate", tests=False, epochs=16, timeout=timeout, fit_time=None
    )
    estimator.fit(X, THIRDS)
    assert len(counts) == steps
    assert estimator.predict(X).shape == (len(X),)
