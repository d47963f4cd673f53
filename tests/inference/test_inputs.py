"""Samples for a trained model: their parts, with labels and without."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.copies.find import find_copies
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.registry import read
from autoequivariant.data.split import split
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.inference.inputs import InferenceInput, read_inputs

X = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


@pytest.fixture
def both(tmp_path: Path) -> str:
    """Ten training samples and four test samples."""
    path = tmp_path / "both.npz"
    x = np.arange(14 * 6).reshape(14, 6)
    y = np.array(["cat", "dog"])[np.arange(14) % 2]
    np.savez(path, x_train=x[:10], y_train=y[:10], x_test=x[10:], y_test=y[10:])
    return str(path)


@pytest.mark.parametrize(
    ("part", "expected", "first"),
    [(None, "test", 10), ("test", "test", 10), ("train", "train", 0), ("all", "all", 0)],
)
def test_parts(both: str, part: str | None, expected: str, first: int) -> None:
    inputs = read_inputs(both, part)
    assert inputs.part == expected
    assert len(inputs) == {"test": 4, "train": 10, "all": 14}[expected]
    assert inputs.x[0, 0, 0] == 6 * first
    assert inputs.rows.tolist() == list(range(len(inputs)))
    assert inputs.labels is not None and inputs.labels[:2].tolist() == ["cat", "dog"]


def test_data_without_a_test_set_are_taken_whole() -> None:
    whole = read_inputs("digits")
    assert (whole.part, len(whole)) == ("all", 1797)
    assert len(read_inputs("digits", "train")) == 1797
    with pytest.raises(SettingsError, match="digits has no test set"):
        read_inputs("digits", "test")


def test_what_the_search_held_out_is_test() -> None:
    samples = read("digits")
    searched = InputSpec(searched=(samples.fingerprint(), 3))
    inputs = read_inputs("digits", spec=searched)
    held_out = split(samples, None, None, seed=3).test
    assert (inputs.part, len(inputs)) == ("test", len(held_out))
    assert np.array_equal(inputs.x, samples.x[inputs.rows])
    key = sorted(x.tobytes() for x in held_out.x)
    assert sorted(x.tobytes() for x in inputs.x) == key
    train = read_inputs("digits", "train", spec=searched)
    assert not set(train.rows) & set(inputs.rows) and len(train) + len(inputs) == 1797
    assert read_inputs("digits", spec=InputSpec(searched=("another", 3))).part == "all"
    assert len(read_inputs("digits", "all", spec=searched)) == 1797


def test_what_the_model_may_have_been_trained_on_is_said(tmp_path: Path, both: str) -> None:
    x, y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
    np.savez(tmp_path / "bare.npz", x=x, y=y)
    rows = [f"{a},{b},{k % 2}" for k, (a, b, _) in enumerate(x.tolist())]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]))
    table = f"{tmp_path}/t.csv"
    own = read(table, target=("y",)).fingerprint()

    def seen(data: str, part: str | None, searched: str, at: str) -> str:
        spec = InputSpec(target=("y",), drop=(), searched=(searched, 0), data=at)
        return read_inputs(data, part, spec=spec).training_warning

    assert seen(table, None, own, table) == ""
    for part in ("all", "train"):
        assert "trained on some of these samples: --part test has none of them" in seen(
            table, part, own, table
        )
    for data in (table, f"{tmp_path}/bare.npz"):
        assert seen(data, None, "other", f"/once/{Path(data).name}").startswith(
            f"{data} has the name of"
        )
        assert seen(data, None, "other", "/once/another.csv") == ""
    assert "has the name of the searched data" in seen(both, "train", "other", both)
    assert seen(both, None, "other", both) == ""
    assert read_inputs(both, "train").training_warning == ""


def test_bare_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "x.npz", x=X)
    np.savez(tmp_path / "xy.npz", x=X, y=[True, True])
    found: list[InferenceInput] = [
        read_inputs(f"{tmp_path}/{n}") for n in ("x.npy", "x.npz", "xy.npz")
    ]
    for inputs in found:
        assert inputs.part == "all" and np.array_equal(inputs.x[:, 0], X)
        assert inputs.x.dtype == np.uint8 and str(inputs.domain) == "3x4"
    assert found[0].labels is None and found[1].labels is None
    assert found[2].labels is not None and found[2].labels.tolist() == ["True", "True"]


def refused(tmp_path: Path, name: str) -> str:
    if name == "pickled":
        np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    if name == "text":
        (tmp_path / "a.npy").write_text("hello")
    if name == "cut":
        np.save(tmp_path / "b.npy", X)
        (tmp_path / "a.npy").write_bytes((tmp_path / "b.npy").read_bytes()[:-5])
    if name == "words":
        np.save(tmp_path / "a.npy", np.array(["a"]))
    if name == "nan":
        np.save(tmp_path / "a.npy", np.full((2, 3), np.nan))
    return str(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pickled", "pickled Python objects"),
        ("text", "is not an .npy array"),
        ("cut", "is damaged"),
        ("words", "give real numbers"),
        ("nan", "NaN"),
        ("missing", "There is no data set or path"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as refusal:
        read_inputs(refused(tmp_path, name))
    assert "\n" not in str(refusal.value)


def test_options_that_do_not_fit(tmp_path: Path, both: str) -> None:
    np.savez(tmp_path / "x.npz", x=X, y=[0, 1, 2])
    with pytest.raises(DataError, match="2 samples but 3 labels"):
        read_inputs(f"{tmp_path}/x.npz")
    with pytest.raises(SettingsError, match="has no parts"):
        read_inputs(f"{tmp_path}/x.npz", "test")
    with pytest.raises(
        SettingsError, match="--part must be one of train, test, all; got 'validation'"
    ):
        read_inputs(both, "validation")


REGRESSION = InputSpec(task="regression", targets=("force", "energy"))


def test_targets_of_bare_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "xy.npz", x=X, y=[[1, 2], [3, 4.5]])
    inputs = read_inputs(f"{tmp_path}/xy.npz", spec=REGRESSION)
    assert inputs.labels is not None and inputs.labels.dtype == np.float32
    assert inputs.labels.tolist() == [[1, 2], [3, 4.5]]
    np.savez(tmp_path / "x1.npz", x=X, y=[1.5, 2])
    with pytest.raises(DataError, match=r"has 1 targets, but the model has 2 \(force, energy\)"):
        read_inputs(f"{tmp_path}/x1.npz", spec=REGRESSION)


def test_the_memory_limit_reaches_every_source(tmp_path: Path) -> None:
    x = np.arange(120.0).reshape(6, 4, 5)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "arrays.npz", x_train=x, y_train=[0, 1] * 3)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    spec = InputSpec("features", "classification", ("a", "b"))
    for name, given in (("x.npy", None), ("t.csv", spec), ("arrays.npz", None)):
        path = str(tmp_path / name)
        assert len(read_inputs(path, spec=given, memory_limit=10**5))
        with pytest.raises(DataError, match=f"{name} may take .* of --memory-limit"):
            read_inputs(path, spec=given, memory_limit=10)


def test_what_the_search_held_out_has_no_copies_of_what_it_trained_on() -> None:
    samples = read("tic_tac_toe")
    related = parse_symmetries("rot90,hflip")
    copies = find_copies(samples, related)
    held_out = split(samples, None, None, 3, copies).test
    spec = InputSpec(searched=(samples.fingerprint(), 3), related=related)
    inputs = read_inputs("tic_tac_toe", spec=spec)
    assert inputs.part == "test" and len(inputs) == len(held_out)
    assert sorted(x.tobytes() for x in inputs.x) == sorted(x.tobytes() for x in held_out.x)
    train = read_inputs("tic_tac_toe", "train", spec=spec)
    assert copies.clusters is not None
    assert not set(copies.clusters[train.rows]) & set(copies.clusters[inputs.rows])
    alone = read_inputs("tic_tac_toe", spec=replace(spec, related=()))
    assert set(alone.rows) != set(inputs.rows)
