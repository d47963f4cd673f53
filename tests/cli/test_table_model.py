"""What comes after a search over tables: regression, names of columns, symmetries of one's own."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from autoequivariant.cli import app
from autoequivariant.training.families.model_files import load_model, read_description

MIRROR = """
- name: mirror
  negate: [vx, vy]
  outputs: {negate: force}
- swap: vx <-> vy
"""
PLAYERS = """
- rot90
- name: players
  like: negate
  outputs: {swap: win <-> loss}
"""


def ran(*words: str | Path, code: int = 0) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done


def aen(*words: str | Path, code: int = 0) -> str:
    done = ran(*words, code=code)
    return done.stderr if code == 2 else done.stdout


def table(path: Path, columns: dict[str, Any]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture(scope="module")
def arm() -> dict[str, Any]:
    """Two targets on scales of their own, the first of which a mirror negates."""
    v = np.random.default_rng(0).normal(size=(300, 3)).round(4)
    force = (30 * v[:, 0] * (1 + v[:, 2] ** 2)).round(4)
    energy = (500 + 40 * (v[:, 0] ** 2 + v[:, 1] ** 2)).round(4)
    return {
        "id": np.arange(300),
        **{"vx": v[:, 0], "vy": v[:, 1], "a, b": v[:, 2]},
        **{"force": force, "energy": energy},
    }


@pytest.fixture(scope="module")
def run(arm: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arm")
    (folder / "mirror.yaml").write_text(MIRROR)
    asked = ["--target", "force,energy", "--drop", "id", "--epochs", "15", "--channels", "6"]
    data = table(folder / "arm.csv", arm)
    out = ["--symmetries", folder / "mirror.yaml", "--smallest", "--out", folder / "run"]
    printed = aen("search", data, *asked, *out)
    assert "2 targets (force, energy)" in printed and "search: exhaustive sampler, R²" in printed
    assert max(map(len, printed.splitlines())) <= 80
    return folder / "run"


@pytest.fixture
def new(arm: dict[str, Any], tmp_path: Path) -> Path:
    """Other columns, in another order, and no targets."""
    names = ("a, b", "note", "vy", "vx")
    columns = {name: arm.get(name, ["hm"] * 300)[:7] for name in names}
    return table(tmp_path / "new.csv", columns)


def test_predictions_of_numbers(run: Path, arm: dict[str, Any], new: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    done = ran("predict", run, new)
    assert done.stderr.strip() == (
        f"aen: 1 column of {new} that the model does not read ignored: note"
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["sample", "force", "energy"] and len(rows) == 7
    x = np.stack([arm[name][:7] for name in ("vx", "vy", "a, b")], axis=1).astype(np.float32)
    with torch.no_grad():
        expected = load_model(run)(torch.from_numpy(x))
    found = np.array([[float(row["force"]), float(row["energy"])] for row in rows])
    assert np.allclose(found, expected.numpy(), rtol=1e-4)
    assert found[:, 1].min() > 300  # in its own scale
    aen("predict", run, new, "--out", tmp_path / "p.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "p.parquet").column_names == list(rows[0])


def test_evaluation_of_numbers(run: Path, arm: dict[str, Any], tmp_path: Path) -> None:
    best = json.loads((run / "results.json").read_text())["best"]
    found = json.loads(aen("evaluate", run, "--json"))
    assert found["r2"] == pytest.approx(best["test_score"], abs=1e-4)
    assert found["interval"] == pytest.approx(best["test_interval"], abs=1e-4)
    assert found["r2"] == pytest.approx(np.mean([one["r2"] for one in found["targets"]]))
    printed = aen("evaluate", run)
    assert f"R² {found['r2']:.3f}, 95% interval" in printed and "RMSE" in printed
    whole = json.loads(aen("evaluate", run, table(tmp_path / "w.csv", arm), "--json"))
    assert (whole["part"], whole["samples"]) == ("test", 60)  # what was searched
    assert "trained on" not in ran("evaluate", run, tmp_path / "w.csv").stderr
    longer = {name: [*values, values[0]] for name, values in arm.items()}
    for name, is_told in (("arm.csv", True), ("longer.csv", False)):
        done = ran("evaluate", run, table(tmp_path / name, longer), "--json")
        assert json.loads(done.stdout)["samples"] == 301
        assert ("may have been trained on some of these samples." in done.stderr) == is_told
    some = {name: values[:20] for name, values in arm.items() if name != "id"}
    part = json.loads(aen("evaluate", run, table(tmp_path / "p.csv", some), "--json"))
    assert (part["part"], part["samples"]) == ("all", 20)
    predicted = list(csv.DictReader(io.StringIO(aen("predict", run, tmp_path / "p.csv"))))
    errors = np.array([float(row["force"]) for row in predicted]) - arm["force"][:20]
    force = part["targets"][0]
    assert force["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-3)
    assert force["rmse"] == pytest.approx((errors**2).mean() ** 0.5, rel=1e-3)
    variance = arm["force"][:20].var()
    assert force["r2"] == pytest.approx(1 - (errors**2).mean() / variance, abs=1e-3)


def test_a_target_that_is_always_the_same(run: Path, arm: dict[str, Any], tmp_path: Path) -> None:
    some = {**{name: values[:5] for name, values in arm.items()}, "force": [1.0] * 5}
    data = table(tmp_path / "same.csv", some)
    said = " ".join(aen("evaluate", run, data).split())
    assert "no R², as a target is constant; 5 samples" in said
    found = json.loads(aen("evaluate", run, data, "--json"))
    assert found["r2"] is None and found["targets"][0]["r2"] is None
    assert found["targets"][1]["r2"] is not None


def test_refusals(run: Path, arm: dict[str, Any], new: Path, tmp_path: Path) -> None:
    said = aen("evaluate", run, new, code=2).splitlines()[-1]
    assert "has no columns 'force' and 'energy' to compare with" in said
    renamed = {"VX" if name == "vx" else name: values for name, values in arm.items()}
    said = aen("predict", run, table(tmp_path / "r.csv", renamed), code=2)
    assert "has no column 'vx', which the model reads: did you mean 'VX'" in said
    assert said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["torch", "onnx"])
def test_symmetries_that_move_targets(form: str, run: Path, tmp_path: Path) -> None:
    found = json.loads(aen("verify", run, "--json"))
    claimed = [one["name"] for one in found["symmetries"] if one["claimed"]]
    assert found["passes"] and found["measured"] == "the outputs"
    assert claimed == json.loads((run / "results.json").read_text())["best"]["symmetries"]
    assert "mirror" in claimed
    out = tmp_path / {"torch": "net.py", "onnx": "net.onnx"}[form]
    assert "at most" in aen("export", run, "--format", form, "--out", out)
    if form == "torch":
        source = out.read_text()
        assert "equivariant to mirror, which moves outputs: force → −force." in source
        assert "TARGETS = (" in source and "'a, b'," in source
        told = "import torch, net; print(net.load()(torch.zeros(1, 1, 3))[0, 1].item())"
        done = subprocess.run(
            [sys.executable, "-c", told], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        with torch.no_grad():
            expected = load_model(run)(torch.zeros(1, 1, 3))[0, 1].item()
        assert float(done.stdout) == pytest.approx(expected, rel=1e-5)


def test_the_report(run: Path) -> None:
    aen("report", run)
    page = (run / "report.html").read_text()
    assert "R² and parameters" in page and "Targets change sign: force → −force." in page
    assert "vx → −vx" in page and "--symmetries symmetries.yaml" in page
    assert "to targets" in page


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    (folder / "players.yaml").write_text(PLAYERS)
    asked = ["--epochs", "3", "--train-size", "400", "--out", folder / "run"]
    aen("search", "tic_tac_toe", "--symmetries", folder / "players.yaml", *asked)
    return folder / "run"


@pytest.mark.slow
def test_symmetries_that_move_classes(board: Path, tmp_path: Path) -> None:
    found = json.loads(aen("verify", board, "--json"))
    assert found["passes"] and {one["name"] for one in found["symmetries"]} == {"rot90", "players"}
    assert any(one["name"] == "players" and one["claimed"] for one in found["symmetries"])
    for form in ("torch", "onnx"):
        aen("export", board, "--format", form)
    assert "moves outputs: loss → win → loss." in (board / "network.py").read_text()
    aen("report", board)
    assert "Classes change places: loss → win → loss." in (board / "report.html").read_text()
    results = json.loads((board / "results.json").read_text())
    results["best"]["symmetries"].append("mine")
    (board / "results.json").write_text(json.dumps(results))
    assert "claims mine, which the model does not know" in aen("verify", board, code=2)


def test_classes_of_a_table(arm: dict[str, Any], tmp_path: Path) -> None:
    columns = {name: arm[name] for name in ("id", "vx", "vy")}
    kind = np.where(arm["vx"] + arm["vy"] > 0, "up, high", "down")
    data = table(tmp_path / "t.csv", {**columns, "kind": kind})
    run = tmp_path / "run"
    aen("search", data, "--target", "kind", "--drop", "id", "--epochs", "20", "--out", run)
    assert read_description(run).columns == ("vx", "vy")
    new = table(tmp_path / "n.csv", {"kind": kind[:9], "vy": arm["vy"][:9], "vx": arm["vx"][:9]})
    rows = list(csv.DictReader(io.StringIO(aen("predict", run, new))))
    right = [row["predicted"] == name for row, name in zip(rows, kind[:9], strict=True)]
    assert np.mean(right) > 0.7
    assert json.loads(aen("evaluate", run, new, "--json"))["accuracy"] == np.mean(right)
    for name in ("results.json", "study.db", "config.json"):
        (run / name).unlink()
    assert (
        aen("predict", run, new).splitlines()[0].endswith('probability_down,"probability_up, high"')
    )
    assert "It is not known which column" in aen("evaluate", run, new, code=2)
