"""`aen verify` of ONNX files of any origin, and of further symmetries of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app

from ..onnx_cases import UINT8, linear

MIRROR = "- like: hflip\n  name: mirror\n  outputs: {swap: 'left <-> right'}\n"


def aen(*words: str | Path, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done.stdout, done.stderr


def measured(*words: str | Path) -> dict[str, Any]:
    found = json.loads(aen("verify", *words, "--json")[0])
    return {one["name"]: one for one in found["symmetries"]}


@pytest.fixture
def even(tmp_path: Path) -> Path:
    """A model of 8x8 images that is invariant to hflip, and not to vflip."""
    weights = np.random.default_rng(0).normal(size=(8, 8, 10))
    weights = weights + weights[:, ::-1]
    return linear(tmp_path / "even.onnx", ("n", 64), outputs=10, weights=weights.reshape(64, 10))


def test_a_model_of_any_origin(even: Path) -> None:
    printed, _ = aen("verify", even, "digits", "--symmetries", "hflip,vflip")
    lines = printed.splitlines()
    assert max(map(len, lines)) <= 80
    assert "even.onnx on 256 samples of digits (all)" in lines[0]
    rows = {line.split()[0]: line.split() for line in lines}
    assert rows["hflip"][2] == "–" and rows["hflip"][-1] == "holds"
    assert rows["vflip"][3].endswith("%") and rows["vflip"][-3:] == ["does", "not", "hold"]
    found = measured(even, "digits", "--symmetries", "hflip,vflip")
    assert found["hflip"]["holds"] and found["hflip"]["changed"] == 0
    assert found["vflip"]["float32"] > 0.1 and found["vflip"]["float64"] is None
    assert 0 <= found["vflip"]["worst_sample"] < 256


def test_a_broken_symmetry_is_no_failure(even: Path) -> None:
    aen("verify", even, "digits", "--symmetries", "rot90")  # nothing was claimed


def test_outputs_move_by_the_names_of_the_data(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 4, 4)).astype(np.float32)
    y = np.array(["left", "right"])[np.arange(40) % 2]
    np.savez(tmp_path / "sides.npz", x_train=x, y_train=y)
    (tmp_path / "mirror.yaml").write_text(MIRROR)
    weights = np.zeros((4, 4, 2))
    weights[:, :2, 0] = weights[:, 2:, 1] = 1
    model = linear(tmp_path / "m.onnx", (1, 4, 4), outputs=2, weights=weights.reshape(16, 2))
    words = (model, tmp_path / "sides.npz", "--symmetries")
    assert measured(*words, tmp_path / "mirror.yaml")["mirror"]["holds"]
    assert not measured(*words, "hflip")["hflip"]["holds"]


def test_targets_of_a_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [",".join(f"{v:.4f}" for v in row) for row in rng.normal(size=(30, 4))]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c,y", *rows]))
    (tmp_path / "swap.yaml").write_text(
        "- {name: ab, swap: a <-> b}\n- {name: bc, swap: b <-> c}\n"
    )
    weights = np.array([[1.0], [1.0], [3.0]])
    model = linear(tmp_path / "m.onnx", ("n", 3), outputs=1, weights=weights)
    words = (model, tmp_path / "t.csv", "--symmetries", tmp_path / "swap.yaml")
    for more in (["--target", "y"], ["--drop", "y"]):
        found = measured(*words, *more)
        assert found["ab"]["holds"] and not found["bc"]["holds"]
        assert found["ab"]["changed"] is None


def test_bytes_are_noted(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", x=x)
    model = linear(tmp_path / "m.onnx", ("n", 48))
    words = ("verify", model, tmp_path / "x.npz", "--symmetries", "hflip")
    _, said = aen(*words)
    assert "--divide 255" in said and "--layout flat-channels-last" in said
    _, said = aen(*words, "--divide", "255", "--layout", "flat-channels-last")
    assert "--divide" not in said
    taking_bytes = linear(tmp_path / "b.onnx", ("n", 3, 4, 4), kind=UINT8)
    assert aen("verify", taking_bytes, tmp_path / "x.npz", "--symmetries", "hflip")[1] == ""


def test_the_worst_sample_is_drawn(even: Path, tmp_path: Path) -> None:
    page = tmp_path / "worst.html"
    words = ("verify", even, "digits", "--symmetries", "hflip,vflip")
    _, said = aen(*words, "--picture", page)
    text = page.read_text()
    assert "drawn in" in said
    assert text.index("<h2>vflip</h2>") < text.index("<h2>hflip</h2>")  # the largest error first
    assert text.count('type="application/json"') == 4 and "src=" not in text.split("<script>")[0]
    printed, said = aen(*words, "--picture", tmp_path / "no" / "p.html", code=2)
    assert not printed and said.count("\n") == 1  # nothing is measured first
    assert "p.html cannot be written" in said and "choose another --picture" in said
    assert "must be an .html file" in aen(*words, "--picture", tmp_path / "p.png", code=2)[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("MODEL", "needs samples and symmetries, as in aen verify"),
        ("MODEL digits", "needs samples and symmetries"),
        ("MODEL --symmetries hflip", "needs samples and symmetries"),
        ("MODEL digits --symmetries hflop", "hflop"),
        ("MODEL digits --symmetries none", "needs samples and symmetries"),
        ("MODEL nowhere.npz --symmetries hflip", "There is no data set or path"),
        ("MODEL ising --symmetries hflip", "takes (batch, 64), and samples have"),
        ("MODEL digits --symmetries hflip --output y", "has no output 'y'; it has scores"),
        ("MODEL digits --symmetries hflip --layout x", "--layout must be one of"),
        ("MODEL digits --symmetries hflip --task x", "--task must be one of"),
        ("MODEL digits --symmetries hflip --part test", "has no test set"),
        ("MODEL digits --symmetries hflip --kind cube", "kind must be one of"),
        ("nowhere.onnx digits --symmetries hflip", "cannot be read as an ONNX model"),
        ("BROKEN digits --symmetries hflip", "not an ONNX model that can be used"),
        ("nowhere digits --symmetries hflip --layout flat", "--layout is for .onnx files"),
        ("nowhere digits --divide 255", "--divide is for .onnx files"),
        ("nowhere digits", "is not the folder of a run"),
    ],
)
def test_wrong_arguments_are_refused(
    words: str, reason: str, even: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(even.read_bytes()[:100])
    named = {"MODEL": even, "BROKEN": broken}
    _, said = aen("verify", *(named.get(word, word) for word in words.split()), code=2)
    assert reason in said and said.count("\n") == 1


def test_further_symmetries_of_a_run(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(120, 6, 6))
    np.savez(tmp_path / "d.npz", x_train=x, y_train=np.arange(120) % 3)
    words = ["--symmetries", "hflip", "--no-tests", "--smallest", "--no-rivals", "--epochs", "2"]
    for number, more in enumerate(([], ["--final", "dense"])):
        run = tmp_path / f"run{number}"
        aen("search", tmp_path / "d.npz", *words, "--budget", "2", *more, "--out", run)
        if not more:
            found = measured(run, "--symmetries", "hflip,vflip,translate_x:1")
            assert list(found) == ["hflip", "vflip", "translate_x:1"]
            assert found["hflip"]["claimed"] == found["hflip"]["holds"]
            assert not found["vflip"]["claimed"] and not found["vflip"]["holds"]
        else:
            assert "final layer" in aen("verify", run, "--symmetries", "vflip", code=2)[1]
