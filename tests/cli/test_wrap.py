"""`aen wrap`: ONNX files of any origin, made equivariant."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.inference.wrap import LIMITS

from ..onnx_cases import linear

MIRROR = "- like: hflip\n  name: mirror\n  outputs: {swap: 'left <-> right'}\n"


def aen(*words: str | Path, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done.stdout, done.stderr


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return linear(tmp_path / "m.onnx", ("n", 64), outputs=10, quadratic=True, label="label")


def wrapped(*words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aen("wrap", *words, "--json")[0])
    return found


@pytest.mark.parametrize("method", ["average", "canonical"])
@pytest.mark.parametrize("batch", ["n", 1])
def test_a_wrapped_model_is_equivariant(method: str, batch: Any, tmp_path: Path) -> None:
    model = linear(tmp_path / "m.onnx", (batch, 1, 8, 8), outputs=10, quadratic=True)
    words = ("digits", "--symmetries", "rot90,hflip")
    printed, _ = aen("wrap", model, *words, "--method", method)
    table, _, path = printed.partition("written: ")  # a path is not broken
    assert max(map(len, table.splitlines())) <= 80 and path
    out = tmp_path / f"m_{method}.onnx"
    assert path.strip() == str(out) and "holds" in printed
    assert "accuracy" in printed and "predictions that changed" in printed
    checks = json.loads(aen("verify", out, *words, "--json")[0])["symmetries"]
    assert all(one["holds"] for one in checks)
    rows = wrapped(model, *words, "--method", method)["symmetries"]
    assert all(one["before"] > 0.1 and one["after"] < 1e-4 for one in rows)


def test_what_it_computes(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "out.onnx"
    aen("wrap", model, "digits", "--symmetries", "hflip", "--out", out)
    x = np.random.default_rng(0).normal(size=(5, 64)).astype(np.float32)
    flipped = x.reshape(5, 8, 8)[:, :, ::-1].reshape(5, 64).copy()
    before, after = (onnxruntime.InferenceSession(path) for path in (model, out))
    scores, label = after.run(["scores", "label"], {"x": x})
    both = [before.run(["scores"], {"x": one})[0] for one in (x, flipped)]
    assert np.allclose(scores, sum(both) / 2, rtol=1e-4)
    assert np.array_equal(label, scores.argmax(1))


def test_a_sample_of_a_large_group(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(LIMITS, elements=100)
    monkeypatch.setattr("autoequivariant.inference.wrap.LIMITS", few)
    words = (model, "digits", "--symmetries", "translate_x:1,translate_y:1,rot90")
    _, said = aen("wrap", *words, code=2)
    assert "too many for --method average (at most 100): use --method sample." in said
    found = wrapped(*words, "--method", "sample", "--elements", "6")
    assert found["elements"] == 6 and not found["whole_group"] and found["passes"]
    assert not all(one["holds"] for one in found["symmetries"])
    assert (tmp_path / "m_sample.onnx").exists()
    again = wrapped(model, "digits", "--symmetries", "rot90", "--method", "sample")
    assert again["elements"] == 4 and again["whole_group"]  # a small group is taken whole


def test_accuracy_before_and_after(tmp_path: Path) -> None:
    """Classes are the half that is brighter; the model looks at the left one alone."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4, 4)).astype(np.float32)
    y = np.where(x[..., :2].sum((1, 2)) > x[..., 2:].sum((1, 2)), "left", "right")
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y)
    (tmp_path / "mirror.yaml").write_text(MIRROR)
    weights = np.zeros((4, 4, 2))
    weights[:, :2, 0] = 1
    model = linear(tmp_path / "m.onnx", ("n", 4, 4), outputs=2, weights=weights.reshape(16, 2))
    found = wrapped(model, tmp_path / "d.npz", "--symmetries", tmp_path / "mirror.yaml")
    before, after = found["accuracy"]
    assert before < 0.85 and after == 1.0 and found["changed"] > 0.1


def test_r2_before_and_after(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, 2))
    rows = [f"{a:.5f},{b:.5f},{a + b:.5f}" for a, b in x]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]))
    model = linear(tmp_path / "m.onnx", ("n", 2), outputs=1, weights=[[2.0], [0.0]])
    words = (model, tmp_path / "t.csv", "--target", "y", "--symmetries", "swap:0-1")
    before, after = wrapped(*words)["R²"]
    assert before < 0.5 and after == pytest.approx(1.0, abs=1e-6)
    assert "R²" in aen("wrap", *words)[0]
    np.savez(tmp_path / "d.npz", x=x, y=x.sum(axis=1))
    bare = wrapped(model, tmp_path / "d.npz", "--symmetries", "swap:0-1")
    assert bare["R²"][1] == pytest.approx(1.0, abs=1e-6)


def test_outputs_that_do_not_follow_are_left_out(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    path = linear(tmp_path / "m.onnx", ("n", 64), outputs=10)
    proto = onnx.load(str(path))
    proto.graph.output.append(helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 64]))
    onnx.save(proto, str(path))
    found = wrapped(path, "digits", "--symmetries", "hflip")
    assert "left out" in found["notes"][0] and "flat" in found["notes"][0]


# --- with a run -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    words = "--symmetries hflip,rot90 --plant hflip --epochs 8 --no-rivals --budget 4"
    aen("search", "digits", *words.split(), "--out", folder / "run")
    return folder / "run"


def test_a_model_gets_the_symmetries_of_a_run(run: Path, model: Path) -> None:
    best = json.loads((run / "results.json").read_text())["best"]
    assert best["generators"] == ["hflip"]
    found = wrapped(model, run)
    assert [one["name"] for one in found["symmetries"]] == ["hflip"]
    assert found["elements"] == 2 and found["data"] == "digits" and found["samples"] == 359
    others = wrapped(model, run, "--symmetries", "rot90")
    assert [one["name"] for one in others["symmetries"]] == ["rot90"]
    assert "--part is for data" in aen("wrap", model, run, "--part", "test", code=2)[1]


def test_the_model_of_a_run_itself(run: Path, tmp_path: Path) -> None:
    aen("export", run, "--format", "onnx", "--out", tmp_path / "own.onnx")
    found = wrapped(tmp_path / "own.onnx", run)
    assert found["changed"] == 0 and found["symmetries"][0]["before"] < 1e-4


def test_a_run_without_symmetries(run: Path, model: Path, tmp_path: Path) -> None:
    import shutil

    other = shutil.copytree(run, tmp_path / "run")
    results = json.loads((other / "results.json").read_text())
    results["best"] |= {"symmetries": [], "generators": []}
    (other / "results.json").write_text(json.dumps(results))
    assert "has no symmetry: name some" in aen("wrap", model, other, code=2)[1]
    assert wrapped(model, other, "--symmetries", "hflip")["passes"]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("MODEL digits", "is not the folder of a run, so --symmetries must name"),
        ("MODEL runs/nope", "There is no data set or path 'runs/nope'"),
        ("MODEL .", "is not the folder of a run, so --symmetries must name"),
        ("MODEL digits --symmetries hflip --method lambda", "autoequivariant.symmetrize in Python"),
        ("MODEL digits --symmetries hflip --method mean", "--method must be one of average"),
        ("MODEL digits --symmetries hflip --out m.txt", "--out must be an .onnx file"),
        ("MODEL digits --symmetries hflip --out m.onnx", "is the model itself"),
        ("MODEL digits --symmetries hflip --elements 3", "--elements is for --method sample"),
        (
            "MODEL digits --symmetries hflip --method sample --elements 0",
            "--elements must be 1 or more",
        ),
        ("MODEL digits --symmetries hflip --output x", "has no output 'x'"),
        ("nowhere.onnx digits --symmetries hflip", "cannot be read as an ONNX model"),
        ("MODEL nowhere --symmetries hflip", "There is no data set or path"),
        ("MODEL ising --symmetries hflip", "takes (batch, 64), and samples have"),
        ("MODEL digits --symmetries hflip --out /dev/null/m.onnx", "check that its folder exists"),
    ],
)
def test_wrong_arguments_are_refused(
    words: str, reason: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, said = aen("wrap", *(model if word == "MODEL" else word for word in words.split()), code=2)
    assert reason in said and said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_what_is_not_equivariant_is_not_written(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autoequivariant.inference import wrap

    monkeypatch.setattr(wrap, "averaged", lambda one, *_: one.file.proto.SerializeToString())
    printed, _ = aen("wrap", model, "digits", "--symmetries", "hflip", code=1)
    assert "nothing was written" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]
