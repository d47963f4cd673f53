"""`aen search` with group CNNs, as a person runs it, on small colour images with a planted turn."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.searching.selection.importance import FEWEST
from autoequivariant.training.families.model_files import load_model

from .moments import aen_at

pytestmark = pytest.mark.slow

AEN = [sys.executable, "-m", "autoequivariant"]
FEW = ["--epochs", "30", "--symmetries", "rot90,hflip", "--augmentations", "shear", "--seed", "1"]
FEW += ["--validation-size", "60", "--no-tests", "--smallest"]
PATIENCE = 120  # seconds, on a machine that is busy with other things


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy 16x16 colour patterns of four classes, each turned at random; a mirror changes the
    class: the second two classes are the first two seen in a mirror.
    """
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(2, 16, 16, 3))
    patterns = np.concatenate([patterns, patterns[:, :, ::-1]])
    arrays = {}
    for part, n in (("train", 180), ("test", 120)):
        y = np.arange(n) % 4
        x = np.stack(
            [np.rot90(patterns[c], k) for c, k in zip(y, rng.integers(0, 4, n), strict=True)]
        )
        arrays |= {f"x_{part}": (x + 1.0 * rng.normal(size=x.shape)).astype(np.float32)}
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
        timeout=PATIENCE,
    )


def aen_here(*words: str) -> str:
    """The same without the seconds that a process takes to start."""
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stderr) == (0, ""), done.exception
    return done.stdout


@pytest.fixture(scope="module")
def run(turned: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("cnn") / "run"
    done = aen("search", str(turned), *FEW, "--verbose", "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    return out, done.stdout


def results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "results.json").read_text())
    return found


def test_it_chooses_the_turns_and_no_mirror(run: tuple[Path, str]) -> None:
    best = results(run[0])["best"]
    assert best["symmetries"] == ["rot90"]
    assert best["test_score"] > results(run[0])["baseline"]["test_score"]
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
        "data: turned, 16x16, 3 channels, 4 classes",
        "space: 2 candidates, 1 augmentation, 8 states, 8 closed states; CNNs, 30 epochs",
        "search: exhaustive sampler, accuracy,",
        "networks: group CNNs, pyramid backbone, size 16",
        "--network auto chose CNNs, the default for images of 16 pixels a side or more",
        "rot90",
        "The chosen network and its rivals on 120 test samples, used once by each",
        "Augmented: in each epoch each sample is moved at random",
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
    assert accuracy == pytest.approx(results(run[0])["best"]["test_score"], abs=0.01)
    assert (model(x.rot90(1, (2, 3))) - logits).abs().max() < 1e-4 * logits.abs().max()


def test_the_same_command_says_the_same_and_trains_nothing(
    run: tuple[Path, str], turned: Path
) -> None:
    before = (run[0] / "model.safetensors").read_bytes()
    seconds = results(run[0])["seconds"]["search"]
    assert "rot90" in aen_here("search", str(turned), *FEW, "--out", str(run[0]))
    assert (run[0] / "model.safetensors").read_bytes() == before
    assert results(run[0])["seconds"]["search"] < seconds + 1


TINY = ["--epochs", "1", "--train-size", "30", "--validation-size", "24"]


@pytest.mark.parametrize("sampler", ["lattice", "exhaustive", "random", "tpe", "nsga2", "dqn"])
def test_every_sampler_searches(sampler: str, turned: Path, tmp_path: Path) -> None:
    options = ["--sampler", sampler, "--budget", "4", "--size", "small,medium"]
    out = tmp_path / "run"
    aen_here("search", str(turned), *options, *TINY, "--symmetries", "hflip", "--out", str(out))
    assert results(out)["networks_trained"] == 4
    assert results(out)["best"]["width"] in (16, 24)


def test_two_objectives(turned: Path, tmp_path: Path) -> None:
    options = ["--objective", "score,parameters", "--size", "small,large"]
    few = ["--symmetries", "hflip", "--augmentations", "none"]
    out = ["--verbose", "--out", str(tmp_path / "run")]
    printed = aen_here("search", str(turned), *options, *TINY, *few, *out)
    assert "Pareto front of accuracy and parameters, on" in " ".join(printed.split())
    assert results(tmp_path / "run")["best_no_larger_than_baseline"]["test_score"] > 0


# --- a search that gives networks up, interrupted -------------------------------------------------


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small pictures of one channel, with something to learn and much noise."""
    rng = np.random.default_rng(0)
    y = np.arange(150) % 3
    x = rng.normal(size=(3, 8, 8))[y] / 2 + rng.normal(size=(150, 8, 8))
    path = tmp_path_factory.mktemp("data") / "noise.npz"
    np.savez(path, x_train=x.astype(np.float32), y_train=y)
    return path


def command(noise: Path, out: Path) -> list[str]:
    options = ["--network", "cnn", "--epochs", "2", "--sampler", "random", "--budget", "36"]
    few = ["--train-size", "40", "--validation-size", "60", "--symmetries", "hflip,vflip"]
    return ["search", str(noise), *options, *few, "--out", str(out)]


def records(out: Path) -> list[dict[str, Any]]:
    """The search's evaluations, as far as they are written."""
    try:
        with closing(sqlite3.connect(f"file:{out}/study.db?mode=ro", uri=True)) as connection:
            kept = connection.execute("SELECT key, value_json FROM study_user_attributes")
            pairs = kept.fetchall()
    except sqlite3.OperationalError:  # there is no study yet
        return []
    return [r for key, text in pairs if key.startswith("evaluations 0 ") for r in json.loads(text)]


def answer(out: Path) -> dict[str, Any]:
    found = results(out)
    found.pop("seconds")
    found.pop("rivals")  # their seconds differ, and so may what is trained for the same seconds
    return found


@pytest.fixture(scope="module")
def whole(noise: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("whole") / "run"
    return out, aen_here(*command(noise, out), "--verbose")


def test_it_says_what_matters_most(whole: tuple[Path, str]) -> None:
    found = results(whole[0])
    pruned = [record.get("pruned", False) for record in records(whole[0])]
    assert len(pruned) == found["networks_trained"] == 36
    assert 0 < sum(pruned) <= 36 - FEWEST
    shares = found["importance"]
    assert set(shares) == {"group", *AUGMENTATIONS}
    assert sum(shares.values()) == pytest.approx(1)
    text = " ".join(whole[1].split())
    assert "Importance for validation accuracy (fANOVA over up to 36" in text
    assert all(f"{name} {100 * share:.1f}%" in text for name, share in shares.items())
    assert max(map(len, whole[1].splitlines()[:-3])) <= 80  # the last ones name the folder


def test_no_network_that_was_given_up_is_named(whole: tuple[Path, str]) -> None:
    found = results(whole[0])
    names = ("hflip", "vflip", *AUGMENTATIONS)
    pruned = {tuple(r["state"]) for r in records(whole[0]) if r.get("pruned")}
    for row in (found["best"], *found["finalists"], *found["leading"]):
        on = [names.index(name) for name in row["symmetries"]]
        on += [2 + AUGMENTATIONS.index(name) for name in row["augmentations"]]
        assert tuple(on) not in pruned
    everything = {tuple(r["state"]) for r in records(whole[0])}
    assert {()} < everything - pruned


def test_ctrl_c_and_the_same_command_ends_as_if_it_had_not_been(
    noise: Path, whole: tuple[Path, str], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = aen_at(signal.SIGINT, "record", 3, *command(noise, out))
    assert (done.returncode, done.stderr) == (130, "")
    assert "Best so far" in done.stdout
    found = results(out)
    assert (found["status"], found["network"]) == ("interrupted", "cnn")
    assert 3 <= found["networks_trained"] < 36
    assert not (out / "model.safetensors").exists()
    aen_here(*command(noise, out))
    assert answer(out) == answer(whole[0])
    for name in ("model.safetensors", "model.json"):
        assert (out / name).read_bytes() == (whole[0] / name).read_bytes()
