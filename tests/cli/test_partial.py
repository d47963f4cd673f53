"""Partial symmetries as a person uses them: a search and a fit, to the report and the exports."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from autoequivariant.cli import app
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.training.families.model_files import load_model


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two noisy 16x16 patterns, of which a half is turned by 180 degrees; the label says which."""
    rng = np.random.default_rng(0)
    patterns, arrays = rng.normal(size=(2, 16, 16)), {}
    for part, n in (("train", 400), ("test", 100)):
        y = np.arange(n) % 2
        x = patterns[rng.integers(0, 2, n)] + 2 * rng.normal(size=(n, 16, 16))
        x = np.where(y[:, None, None] == 1, x[:, ::-1, ::-1], x)
        arrays |= {f"x_{part}": x.astype(np.float32), f"y_{part}": y}
    path = tmp_path_factory.mktemp("data") / "turned.npz"
    np.savez(path, **arrays)
    return path


def aen(*words: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    assert result.exit_code == status, result.output
    return result


@pytest.mark.slow
def test_a_search_keeps_what_is_refuted_in_some_layers(turned: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["search", str(turned), "--partial", "--symmetries", "rot180", "--epochs", "3"]
    words += ["--augmentations", "none", "--out", str(out), "--executor", "serial", "--no-rivals"]
    first = aen(*words, "--verbose")
    assert "1 candidate (1 refuted), 3 partial candidates (up to levels 0 to 2)" in first.output
    assert "rot180 up to level" in first.output
    found = json.loads((out / "results.json").read_text())
    verdicts = {one["name"]: one["verdict"] for one in found["verdicts"]}
    assert verdicts.pop("rot180") == "does not hold"
    assert verdicts == dict.fromkeys(["rot180@2", "rot180@1", "rot180@0"], "undecided")
    assert found["networks_trained"] == 4  # nothing, and each level
    assert not any("rot180" in one["symmetries"] for one in found["finalists"])
    (out / "results.json").unlink()
    aen(*words)  # resumes, and trains nothing again
    again = json.loads((out / "results.json").read_text())
    assert again["best"] == found["best"] and again["finalists"] == found["finalists"]
    aen("report", str(out))
    assert "rot180 up to level" in (out / "report.html").read_text()
    assert "passes" in json.loads(aen("verify", str(out), "--json").stdout)


@pytest.mark.slow
def test_a_fit_of_a_partial_symmetry(turned: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["fit", str(turned), "--epochs", "1", "--out", str(out), "--executor", "serial"]
    output = aen(*words, "--symmetries", "hflip,rot180@1").output
    assert "given: hflip, rot180 up to level 1" in output
    model = load_model(out)
    assert isinstance(model, EquivariantCNN)
    assert str(model.chain) == "hflip,vflip@1"  # the same group on levels 0 and 1
    assert "every claimed symmetry holds" in aen("verify", str(out)).output
    for form in ("torch", "onnx"):
        aen("export", str(out), "--format", form)
    wrapped = aen("wrap", str(out / "network.onnx"), str(out), "--json").stdout
    assert [one["name"] for one in json.loads(wrapped)["symmetries"]] == ["hflip"]
    refused = aen("verify", str(out), "--symmetries", "vflip@0", status=2)
    assert "vflip@0 is a partial symmetry" in refused.output


REFUSED = [
    (["fit", "--symmetries", "rot180@3"], "rot180@3: the levels of a CNN for 16x16 are 0 to 2"),
    (["fit", "--symmetries", "rot180@x"], "write the last level that has it after the @"),
    (["fit", "--symmetries", "rot180@1", "--network", "mlp"], "An MLP has no levels for rot180@1"),
    (["search", "--partial", "--backbone", "paper"], "Partial symmetries need --backbone pyramid"),
    (["search", "--partial", "--network", "mlp"], "--partial requires --network cnn"),
    (["search", "--plant", "rot180@1"], "--plant changes data, which have no levels"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_refusals(words: list[str], message: str, turned: Path, tmp_path: Path) -> None:
    command, *options = words
    result = aen(command, str(turned), *options, "--out", str(tmp_path / "run"), status=2)
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "run").exists()
