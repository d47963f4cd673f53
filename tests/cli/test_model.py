"""`aen predict`, `evaluate`, `verify` and `export`, as a person runs them on finished runs."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.training.families.model_files import load_model

OPTIONS = {
    "mlp": "--symmetries hflip,vflip --plant hflip --epochs 12 --channels 2",
    "cnn": "--symmetries rot90,hflip --augmentations none --network cnn --epochs 40 --seed 1 "
    "--validation-size 60",
}
KINDS = list(OPTIONS)


def aen(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done.stderr if code == 2 else done.stdout


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bytes, in colour, turned at random; labels are words."""
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(2, 12, 12, 3))
    patterns = np.concatenate([patterns, patterns[:1, :, ::-1]])  # a mirror changes the class
    arrays: dict[str, Any] = {}
    for part, n in (("train", 180), ("test", 61)):
        y = np.arange(n) % 3
        x = [np.rot90(patterns[c], k) for c, k in zip(y, rng.integers(0, 4, n), strict=True)]
        noisy = 128 + 30 * (np.stack(x) + rng.normal(size=(n, 12, 12, 3)))
        names = np.array(["ant", "bee", "cat, big"])[y]
        arrays |= {f"x_{part}": noisy.clip(0, 255).astype(np.uint8), f"y_{part}": names}
    path = tmp_path_factory.mktemp("data") / "turned.npz"
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="module")
def runs(turned: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    for kind, options in OPTIONS.items():
        data = turned if kind == "cnn" else "digits"
        given = [
            *options.split(),
            "--no-tests",
            "--smallest",
            "--no-rivals",
        ]  # so that it has some symmetry
        aen("search", data, *given, "--out", folder / kind)
    return {kind: folder / kind for kind in KINDS}


@pytest.fixture
def dense(tmp_path: Path) -> Path:
    """A model, with a dense final layer, without a run."""
    actions = layer_actions(parse_symmetries("hflip,vflip"), Grid(8, 8), [Grid(4, 4)])
    network = EquivariantMLP(MLPArchitecture(actions, 1, (2,), 10, "dense"), (0,))
    (tmp_path / "dense").mkdir()
    save_model(network, tmp_path / "dense", tuple("0123456789"))
    return tmp_path / "dense"


def bare(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


# --- predict --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_predictions_as_csv(runs: dict[str, Path], turned: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(aen("predict", runs["cnn"], turned))))
    with np.load(turned) as data:
        x, y = data["x_test"], data["y_test"]
    assert [row["sample"] for row in rows] == [str(number) for number in range(len(x))]
    columns = ["probability_ant", "probability_bee", "probability_cat, big"]
    assert list(rows[0]) == ["sample", "predicted", *columns]
    found = np.array([[float(row[name]) for name in columns] for row in rows])
    with torch.no_grad():
        logits = load_model(runs["cnn"])(torch.from_numpy(np.moveaxis(x, -1, 1).copy()))
    assert np.allclose(found, torch.softmax(logits, 1).numpy(), atol=1e-5)
    named = [columns[k].removeprefix("probability_") for k in found.argmax(1)]
    assert [row["predicted"] for row in rows] == named
    assert np.mean(np.array(named) == y) > 0.6


@pytest.mark.slow
def test_predictions_in_files(runs: dict[str, Path], turned: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    printed = aen("predict", runs["cnn"], turned, "--part", "train")
    said = aen("predict", runs["cnn"], turned, "--part", "train", "--out", tmp_path / "p.csv")
    assert "180 predictions (train) written" in said
    assert (tmp_path / "p.csv").read_text() == printed
    aen("predict", runs["cnn"], turned, "--part", "train", "--out", tmp_path / "p.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "p.parquet").to_pydict()
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert table["predicted"] == [row["predicted"] for row in rows]
    assert table["sample"] == list(range(180))


def test_predictions_for_samples_without_labels(
    runs: dict[str, Path], turned: Path, tmp_path: Path
) -> None:
    with np.load(turned) as data:
        x = data["x_test"]
    expected = aen("predict", runs["cnn"], turned)
    np.save(tmp_path / "x.npy", x)
    assert aen("predict", runs["cnn"], tmp_path / "x.npy") == expected
    assert aen("predict", runs["cnn"], bare(tmp_path / "x.npz", x=x)) == expected
    one = aen("predict", runs["cnn"], bare(tmp_path / "one.npz", x=x[:1]))
    assert one.splitlines()[1].split(",")[:2] == expected.splitlines()[1].split(",")[:2]
    assert len(one.splitlines()) == 2


def test_names_for_a_spreadsheet(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((90, 6, 6))
    names = np.array(["=1+1", "-a", "-1"])[np.arange(90) % 3]
    data = bare(tmp_path / "d.npz", x_train=x, y_train=names)
    run = tmp_path / "run"
    aen("search", data, "--symmetries", "hflip", "--epochs", "1", "--budget", "1", "--out", run)
    words = ["predict", run, data, "--part", "all"]
    plain = list(csv.reader(io.StringIO(aen(*words))))
    safe = list(csv.reader(io.StringIO(aen(*words, "--safe-csv"))))
    shown = {"=1+1": "'=1+1", "-a": "'-a", "-1": "-1", "predicted": "predicted"}
    assert {row[1] for row in plain} <= set(shown)
    assert [[row[0], shown[row[1]], *row[2:]] for row in plain] == safe
    refusal = aen(*words, "--safe-csv", "--out", tmp_path / "p.parquet", code=2)
    assert "--safe-csv is for CSV" in refusal
    aen(*words, "--safe-csv", "--out", tmp_path / "p.csv")
    assert list(csv.reader(io.StringIO((tmp_path / "p.csv").read_text()))) == safe
    aen(*words, "--out", tmp_path / "p.parquet")


def test_a_folder_with_the_two_files_alone(runs: dict[str, Path], tmp_path: Path) -> None:
    for name in ("model.json", "model.safetensors"):
        shutil.copy(runs["mlp"] / name, tmp_path)
    assert len(aen("predict", tmp_path, "digits").splitlines()) == 1798  # nothing was held out
    assert len(aen("predict", runs["mlp"], "digits").splitlines()) == 360
    assert "holds a model without a run, so DATA has no default" in aen("verify", tmp_path, code=2)
    assert "hflip" in aen("verify", tmp_path, "digits")


# --- evaluate -------------------------------------------------------------------------------------


def evaluated(*words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aen("evaluate", *words, "--json"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_runs_own_test_is_what_the_search_said(kind: str, runs: dict[str, Path]) -> None:
    best = json.loads((runs[kind] / "results.json").read_text())["best"]
    found = evaluated(runs[kind])
    assert found["accuracy"] == pytest.approx(best["test_score"])
    assert found["interval"] == pytest.approx(best["test_interval"])
    assert found["balanced_accuracy"] == pytest.approx(best["balanced_accuracy"])
    recalls = [one["recall"] for one in found["classes"]]
    assert found["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert found["auc"] is best["auc"] is None  # more than two classes
    assert found["samples"] == sum(one["samples"] for one in found["classes"])
    assert found["correct"] == sum(row[k] for k, row in enumerate(found["confusion"]))
    printed = aen("evaluate", runs[kind])
    assert f"accuracy {found['accuracy']:.2%}" in printed and "balanced" not in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_classes_are_matched_by_name(runs: dict[str, Path], turned: Path, tmp_path: Path) -> None:
    with np.load(turned) as data:
        x, y = data["x_test"], data["y_test"]
    whole = evaluated(runs["cnn"], turned)
    backwards = evaluated(runs["cnn"], bare(tmp_path / "b.npz", x=x[::-1], y=y[::-1]))
    assert backwards["confusion"] == whole["confusion"]
    some = y != "ant"  # the first class, so that positions are others
    arrays = {"x_train": x[some], "y_train": y[some]}
    two = evaluated(runs["cnn"], bare(tmp_path / "two.npz", **arrays))
    assert two["confusion"][1:] == whole["confusion"][1:]
    assert two["confusion"][0] == [0, 0, 0] and two["classes"][0]["recall"] is None
    one = evaluated(runs["cnn"], bare(tmp_path / "one.npz", x=x[~some], y=y[~some]))
    assert one["confusion"][0] == whole["confusion"][0]


# --- what does not fit ----------------------------------------------------------------------------

SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "float": ({"x": np.zeros((2, 12, 12, 3))}, "are float32, and the model in"),
    "side": ({"x": np.zeros((2, 11, 12, 3), np.uint8)}, "takes 12x12 with 3 channels"),
    "channels": ({"x": np.zeros((2, 12, 12), np.uint8)}, "takes 12x12 with 3 channels"),
    "flat": ({"x": np.zeros((2, 432), np.uint8)}, "takes 12x12 with 3 channels"),
    "one picture": ({"x": np.zeros((12, 12), np.uint8)}, "with the sample axis first"),
    "unknown": (
        {"x": np.zeros((2, 12, 12, 3), np.uint8), "y": ["ant", "wasp"]},
        "must be among the classes of the model (ant, bee, cat, big); got wasp",
    ),
    "no labels": ({"x": np.zeros((2, 12, 12, 3), np.uint8)}, "has no labels: give labelled data"),
    "infinite": ({"x": np.full((2, 12, 12, 3), np.inf)}, "NaN or infinite"),
    "nothing": ({"x": np.zeros((0, 12, 12, 3), np.uint8)}, "are empty"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_samples_that_do_not_fit_are_refused(
    name: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    arrays, message = SHAPES[name]
    data = bare(tmp_path / "data.npz", **arrays)
    refusal = aen("evaluate", runs["cnn"], data, code=2)
    assert message in refusal and refusal.count("\n") == 1
    if "label" not in message and "wasp" not in message:
        assert message in aen("predict", runs["cnn"], data, code=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("predict RUN nowhere.npz", "There is no data set or path 'nowhere.npz'"),
        ("predict nowhere digits", "is not the folder of a run"),
        ("predict RUN digits --part validation", "--part must be one of train, test, all"),
        ("predict RUN digits --out p.txt", "--out must end in .csv or .parquet"),
        ("predict RUN digits --source x", "--source"),
        ("evaluate RUN --part train", "--part and --source need DATA"),
        ("export RUN --format keras", "--format must be one of torch, onnx; got "),
        ("export RUN --format onnx --out p.py", "must be a .onnx file; got 'p.py'"),
        ("export RUN --format torch --out my-net.py", "with a name that Python can import"),
        ("export RUN --format torch --out model.py", "has the name of a saved model"),
        ("export RUN --format torch --out /dev/null/net.py", "check that its folder exists"),
    ],
)
def test_wrong_arguments_are_refused(
    words: str, message: str, runs: dict[str, Path], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal = aen(*(runs["mlp"] if word == "RUN" else word for word in words.split()), code=2)
    assert message in refusal and refusal.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# --- verify ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_claimed_holds(kind: str, runs: dict[str, Path]) -> None:
    printed = aen("verify", runs[kind])
    assert max(map(len, printed.splitlines())) <= 80
    assert "every claimed symmetry holds" in printed
    assert "hidden layers" not in printed
    found = json.loads(aen("verify", runs[kind], "--json"))
    best = json.loads((runs[kind] / "results.json").read_text())["best"]
    claimed = [check["name"] for check in found["symmetries"] if check["claimed"]]
    assert set(best["symmetries"]) <= set(claimed) and claimed and found["passes"]
    for check in found["symmetries"]:
        assert check["holds"] == check["claimed"]
        assert (check["float32"] > 1e-2) != check["claimed"]


def test_of_a_dense_final_layer_the_hidden_layers_are_measured(dense: Path) -> None:
    printed = aen("verify", dense, "digits")
    assert "equivariance error of the hidden layers" in printed
    assert "the outputs have no symmetry" in printed
    found = json.loads(aen("verify", dense, "digits", "--json"))
    assert [(c["name"], c["claimed"], c["holds"]) for c in found["symmetries"]] == [
        ("hflip", True, True),
        ("vflip", False, False),
    ]
    for form in ("torch", "onnx"):
        said = aen("export", dense, "--format", form, "--data", "digits")
        assert "equivariance error of the hidden layers, 1 symmetry" in said


def copied(run: Path, to: Path) -> Path:
    shutil.copytree(run, to)
    return to


def test_a_claim_that_does_not_hold_fails(runs: dict[str, Path], tmp_path: Path) -> None:
    run = copied(runs["mlp"], tmp_path / "run")
    results = json.loads((run / "results.json").read_text())
    assert "vflip" not in results["best"]["symmetries"]
    results["best"]["symmetries"].append("vflip")
    (run / "results.json").write_text(json.dumps(results))
    printed = aen("verify", run, code=1)
    assert "FAILS: the model is not equivariant to vflip" in " ".join(printed.split())
    for kind in ("torch", "onnx"):
        before = sorted(run.iterdir())
        assert "nothing was written" in aen("export", run, "--format", kind, code=1)
        assert sorted(run.iterdir()) == before
    results["best"]["symmetries"].append("rot90")
    (run / "results.json").write_text(json.dumps(results))
    assert "which the model does not know" in aen("verify", run, code=2)


# --- export ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["torch", "onnx"])
def test_exports(form: str, kind: str, runs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "made" / "for_it" / {"torch": "net.py", "onnx": "net.onnx"}[form]
    printed = aen("export", runs[kind], "--format", form, "--out", out)
    assert "written: " in printed and "equivariance error of" in printed
    takes = {"cnn": "uint8, (n, 3, 12, 12)"}.get(kind, "float32, (n, 1, 8, 8)")
    assert f"input: {takes}" in printed
    expected = ["net.onnx"] if form == "onnx" else ["net.py", "net.safetensors"]
    assert sorted(path.name for path in out.parent.iterdir()) == expected


def test_an_onnx_export_elsewhere(runs: dict[str, Path], turned: Path, tmp_path: Path) -> None:
    import onnxruntime

    aen("export", runs["cnn"], "--format", "onnx")
    session = onnxruntime.InferenceSession(runs["cnn"] / "network.onnx")
    (runs["cnn"] / "network.onnx").unlink()
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["classes"]) == ["ant", "bee", "cat, big"]
    with np.load(turned) as data:
        x = np.ascontiguousarray(np.moveaxis(data["x_test"], -1, 1))
    with torch.no_grad():
        logits = load_model(runs["cnn"])(torch.from_numpy(x)).numpy()
    for n in (1, 3, 61):
        assert np.allclose(session.run(None, {"samples": x[:n]})[0], logits[:n], atol=1e-4)


def test_an_export_that_differs_leaves_nothing(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autoequivariant.nn.export import dense

    right = dense.linear

    def wrong(weight: torch.Tensor, bias: torch.Tensor) -> torch.nn.Linear:
        return right(weight * 1.01, bias)

    monkeypatch.setattr(dense, "linear", wrong)
    for form in ("torch", "onnx"):
        out = tmp_path / {"torch": "net.py", "onnx": "net.onnx"}[form]
        printed = aen("export", runs["mlp"], "--format", form, "--out", out, code=1)
        assert "FAILS: the export differs" in printed
    assert list(tmp_path.iterdir()) == []


def test_a_spoilt_model_is_refused_by_every_command(runs: dict[str, Path], tmp_path: Path) -> None:
    run = copied(runs["mlp"], tmp_path / "run")
    tensors = load_file(run / "model.safetensors")
    save_file(tensors | {"mean": torch.full((1,), 0.5)}, run / "model.safetensors")
    for words in (["predict", run, "digits"], ["verify", run], ["export", run, "--format", "onnx"]):
        assert "model.safetensors has changed since" in aen(*words, code=2)


@pytest.mark.slow
def test_reading_predictions_through_a_pipe(runs: dict[str, Path]) -> None:
    command = f"{sys.executable} -m autoequivariant predict {runs['mlp']} digits | head -2"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.stdout.startswith("sample,predicted,") and done.stderr == ""
