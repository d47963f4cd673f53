"""Series without `--kind sequence` are noticed; tables, images and named columns are not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.registry import read
from autoequivariant.data.samples import make_samples
from autoequivariant.data.tables.smooth_columns import FEWEST_COLUMNS, sequence_note
from autoequivariant.searching.asking.answers import ask
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings

RNG = np.random.default_rng(0)
WALKS = RNG.normal(size=(100, 100)).cumsum(axis=1)
NOISE = RNG.normal(size=(100, 100))
BLURRED = NOISE.reshape(-1, 10, 10)
for axis in (1, 2):
    BLURRED = BLURRED + np.roll(BLURRED, 1, axis) + np.roll(BLURRED, 2, axis)
CONSTANT = np.where(np.arange(100) % 10 == 0, 1.0, WALKS)


def note(x: NDArray[Any], kind: str | None = None, columns: tuple[str, ...] = ()) -> str:
    y = np.arange(len(x)) % 2
    return " ".join(sequence_note(make_samples("x", Arrays(x, y, columns=columns), kind), kind))


@pytest.mark.parametrize(
    ("x", "is_noticed"),
    [
        (WALKS, True),
        (WALKS[:, :FEWEST_COLUMNS], True),
        (WALKS[:, : FEWEST_COLUMNS - 1], False),
        (WALKS[:, ::-1] * 1000 + 7, True),
        (WALKS[:, RNG.permutation(100)], False),
        (CONSTANT, True),
        (NOISE, False),
        (NOISE + 3 * NOISE[:, :1], False),  # all columns are alike
        (BLURRED.reshape(100, 100), False),  # images
        (load_digits().data, False),
        (RNG.integers(0, 2, (100, 100)), False),
        (NOISE[:2], False),
        (WALKS[:, None, :], True),
        (NOISE[:, :, None, None], True),  # images of one column
        (WALKS.reshape(100, 10, 10), False),
    ],
)
def test_what_looks_like_sequences(x: NDArray[Any], is_noticed: bool) -> None:
    assert ("look like sequences" in note(x)) == is_noticed
    assert bool(note(x)) == is_noticed


def test_what_is_said() -> None:
    assert note(WALKS) == (
        "The samples look like sequences of 100 values (neighbouring columns are far more alike "
        "than distant ones), but are read as a table: --kind sequence reads them so."
    )
    assert "(they have one row), but are read as images: --kind sequence" in note(WALKS[:, None])


@pytest.mark.parametrize("kind", ["sequence", "features"])
def test_who_names_a_kind_is_told_nothing(kind: str) -> None:
    assert note(WALKS, kind) == ""


def test_columns_with_names_are_a_table() -> None:
    assert note(WALKS, columns=tuple(f"c{k}" for k in range(100))) == ""


@pytest.mark.parametrize("name", ["ts_ecg200", "ts_osuleaf", "ts_trace"])
def test_series_of_the_ucr_archive(shared_data: Path, name: str) -> None:
    samples = read(shared_data / "real" / f"{name}.npz")
    assert "they have one row" in sequence_note(samples, None)[0]
    assert "neighbouring columns" in note(samples.x.reshape(len(samples.x), -1))


def test_searches_and_tests_say_it(tmp_path: Path) -> None:
    np.savez(tmp_path / "walks.npz", x_train=WALKS, y_train=np.arange(100) % 2)
    settings = SearchSettings(str(tmp_path / "walks.npz"), network="mlp")
    told: list[str] = []

    def announce(data: object, family: object, warnings: Any) -> None:
        told.extend(warnings)
        raise StopIteration

    for asked, found in ((settings, True), (replace(settings, kind="sequence"), False)):
        with pytest.raises(StopIteration):
            ask(asked, announce=announce)
        for said in (told, make_experiment(asked).problem.warnings):
            assert any("look like sequences" in warning for warning in said) == found
        told.clear()
