"""`aen search` with group CNNs, as a person runs it, on small colour images with a planted turn."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.nn import EquivariantCNN, load_model

AEN = [sys.executable, "-m", "autoequivariant"]
FEW = ["--epochs", "6", "--symmetries", "rot90,hflip", "--augmentations", "shear", "--seed", "1"]


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy 16x16 colour patterns of four classes, each turned at random; a mirror changes the
    class: the second two classes are the first two seen in a mirror.
    """
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(2, 16, 16, 3))
    patterns = np.concatenate([patterns, patterns[:, :, ::-1]])
    arrays = {}
    for part, n in (("train", 240), ("test", 120)):
        y = np.arange(n) % 4
        x = np.stack(
            [np.rot90(patterns[c], k) for c, k in zip(y, rng.integers(0, 4, n), strict=True)]
        )
        arrays |= {f"x_{part}": (x + 0.7 * rng.normal(size=x.shape)).astype(np.float32)}
        arrays |= {f"y_{part}": y}
    path = tmp_path_factory.mktemp("data") / "turned.npz"
    np.savez(path, **arrays)
    return path


def aen(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AEN, *words],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80"},
        timeout=300,
    )


@pytest.fixture(scope="module")
def run(turned: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("cnn") / "run"
    done = aen("search", str(turned), *FEW, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    return out, done.stdout


def results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "results.json").read_text())
    return found


def test_it_finds_the_turns_and_no_mirror(run: tuple[Path, str]) -> None:
    best = results(run[0])["best"]
    assert best["symmetries"] == ["rot90"]
    assert best["test_accuracy"] > results(run[0])["baseline"]["test_accuracy"]
    assert best["equivariance_error"]["float32"] < 1e-4


def test_what_is_recorded(run: tuple[Path, str]) -> None:
    found = results(run[0])
    assert found["network"] == "cnn"
    assert (found["states"], found["distinct_networks"]) == (8, 8)
    assert found["networks_trained"] == 8  # few enough for all of them
    assert found["best"]["augmentations"] in ([], ["shear"])
    assert found["importance"] is None  # too few to say


def test_what_is_printed(run: tuple[Path, str]) -> None:
    text = " ".join(run[1].split())
    for phrase in (
        "turned: samples of 16x16, 3 channels, 4 classes",
        "2 candidates, 1 augmentation: 8 states, 8 distinct networks",
        "networks: group CNNs, paper body, size 16, 6 epochs",
        "symmetries found: rot90",
        "plain CNN of the same layers",
    ):
        assert phrase in text
    assert max(map(len, run[1].splitlines())) <= 80


def test_the_model_can_be_taken_elsewhere(run: tuple[Path, str], turned: Path) -> None:
    model = load_model(run[0])
    assert isinstance(model, EquivariantCNN)
    with np.load(turned) as arrays:
        x = torch.from_numpy(arrays["x_test"]).permute(0, 3, 1, 2)
        y = arrays["y_test"]
    logits = model(x)
    accuracy = float((logits.argmax(1).numpy() == y).mean())
    assert accuracy == pytest.approx(results(run[0])["best"]["test_accuracy"], abs=0.01)
    assert (model(x.rot90(1, (2, 3))) - logits).abs().max() < 1e-4 * logits.abs().max()


def test_the_same_command_says_the_same_and_trains_nothing(
    run: tuple[Path, str], turned: Path
) -> None:
    before = (run[0] / "model.safetensors").read_bytes()
    seconds = results(run[0])["seconds"]["search"]
    done = aen("search", str(turned), *FEW, "--out", str(run[0]))
    assert done.returncode == 0
    assert (run[0] / "model.safetensors").read_bytes() == before
    assert results(run[0])["seconds"]["search"] < seconds + 1


@pytest.mark.parametrize("sampler", ["lattice", "random", "tpe", "nsga2", "dqn"])
def test_every_sampler_searches(sampler: str, turned: Path, tmp_path: Path) -> None:
    options = ["--sampler", sampler, "--budget", "4", "--epochs", "1", "--size", "small,medium"]
    few = ["--train-size", "40", "--validation-size", "24", "--symmetries", "hflip"]
    out = tmp_path / "run"
    done = aen("search", str(turned), *options, *few, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    assert results(out)["networks_trained"] == 4
    assert results(out)["best"]["channels"] in (16, 24)


def test_two_objectives(turned: Path, tmp_path: Path) -> None:
    options = ["--objective", "accuracy,weights", "--size", "small,large", "--epochs", "1"]
    few = ["--train-size", "40", "--symmetries", "hflip", "--augmentations", "none"]
    done = aen("search", str(turned), *options, *few, "--out", str(tmp_path / "run"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Accuracy against weights: the front" in done.stdout
    assert results(tmp_path / "run")["best_no_larger_than_plain"]["test_accuracy"] > 0
