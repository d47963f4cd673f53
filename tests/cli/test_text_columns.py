"""A table with text from `aen test` to exports: the same codes everywhere."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from autoequivariant.data.registry import read
from autoequivariant.inference.saved_model import open_saved

from .test_table_model import aen, ran, table

LETTERS = ("A", "C", "G", "T")
N = 1200


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Which letters the first three columns hold decides, in whatever order."""
    rng = np.random.default_rng(0)
    x = rng.choice(LETTERS, (N, 3))
    side = rng.choice(["left", "", "right"], N)
    size = rng.normal(size=N).round(3)
    weight = {"A": 2.0, "C": -1.0, "G": 1.5, "T": -2.0}
    total = np.vectorize(weight.get)(x).sum(axis=1) + (side == "left") + 0.5 * size
    columns = {"p1": x[:, 0], "p2": x[:, 1], "p3": x[:, 2], "side": side, "size": size}
    y = np.where(total > 0.3, "yes", "no")
    return table(tmp_path_factory.mktemp("text") / "text.csv", columns | {"y": y})


@pytest.fixture(scope="module")
def run(data: Path) -> Path:
    out = data.with_name("run")
    aen("search", data, "--target", "y", "--epochs", 15, "--out", out)
    return out


def test_exchanges_of_columns_with_one_alphabet_are_proposed_and_hold(data: Path) -> None:
    found = json.loads(aen("test", data, "--target", "y", "--json"))
    verdicts = {one["name"]: one["verdict"] for one in found["verdicts"]}
    assert verdicts == {"swap p1 <-> p2": "holds", "swap p2 <-> p3": "holds"}


@pytest.mark.parametrize(
    ("candidate", "message"),
    [
        ("negate: p1", "changes the sign of column 'p1', which is text"),
        ("swap: p1 <-> side", "exchanges column 'p1' of text with column 'side', which has other"),
        ("swap: size <-> p1", "exchanges column 'p1' of text with column 'size', which has other"),
    ],
)
def test_candidates_that_text_cannot_have(data: Path, candidate: str, message: str) -> None:
    own = data.with_name("own.yaml")
    own.write_text(f"- {candidate}\n")
    for command in ("test", "search"):
        said = aen(command, data, "--target", "y", "--symmetries", own, code=2)
        assert message in said and "leave that column out" in said


def test_a_network_with_them_is_trained_and_verified(run: Path) -> None:
    best = json.loads((run / "results.json").read_text())["best"]
    assert best["symmetries"] == ["swap p1 <-> p2", "swap p2 <-> p3"]
    assert best["test_score"] > 0.9
    ran("verify", run)


def test_codes_at_prediction_are_those_of_training(data: Path, run: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(data.open()))[:5]
    names = ("size", "side", "p3", "p2", "p1")
    part = {name: [row[name] for row in rows] for name in names}
    printed = aen("predict", run, table(tmp_path / "new.csv", part))
    found = [float(row["probability_yes"]) for row in csv.DictReader(io.StringIO(printed))]
    saved = open_saved(run)
    x = torch.from_numpy(read(data, target=["y"]).x[:5])
    expected = torch.softmax(saved.model(x), 1)[:, 1]
    assert np.allclose(found, expected.detach(), atol=1e-5)
    part["p2"][3] = "U"
    said = aen("predict", run, table(tmp_path / "new.csv", part), code=2)
    assert "'p2' of" in said and "holds 'U' in row 4, which the model does not know" in said


def test_evaluation_reads_the_held_out_part(data: Path, run: Path) -> None:
    best = json.loads((run / "results.json").read_text())["best"]
    for words in ((run,), (run, data, "--part", "test")):
        found = json.loads(aen("evaluate", *words, "--json"))
        assert found["accuracy"] == pytest.approx(best["test_score"])


def test_exports_say_which_code_is_which_value(run: Path, tmp_path: Path) -> None:
    alphabets = [list(LETTERS)] * 3 + [["", "left", "right"], []]
    assert json.loads((run / "model.json").read_text())["categories"] == alphabets
    aen("export", run, "--format", "torch", "--out", tmp_path / "net.py")
    source = (tmp_path / "net.py").read_text()
    assert "('', 'left', 'right'),\n    (),\n)" in source and "Text is given as codes" in source
    aen("export", run, "--format", "onnx", "--out", tmp_path / "net.onnx")
    facts = {one.key: one.value for one in onnx.load(tmp_path / "net.onnx").metadata_props}
    assert json.loads(facts["categories"]) == alphabets


def test_a_report_does_not_need_the_data(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    config = (folder / "config.json").read_text()
    (folder / "config.json").write_text(config.replace("text.csv", "gone.csv"))
    aen("report", folder)
    assert "swap p1 &lt;-&gt; p2" in (folder / "report.html").read_text()
