"""The comparison of CNNs on a few small images: the records, the table, and resuming."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from autoequivariant.errors import RunError, SettingsError
from autoequivariant.paper import cnn_settings
from autoequivariant.paper.cnn import cnn_reproduction
from autoequivariant.paper.cnn_settings import PYRAMID, SCALES, CNNSettings
from autoequivariant.paper.cnn_tables import cnn_markdown
from autoequivariant.paper.reproduction import reproduce
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.families.cnn.recipe import RECIPES, Recipe
from autoequivariant.training.singles import Singles

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy colour patterns in the form of the subset of CIFAR-10."""
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 256, (3, 16, 16, 3))
    arrays = {}
    for part, n in (("train", 90), ("test", 30)):
        y = np.arange(n) % 3
        noisy = patterns[y] + rng.normal(0, 40, (n, 16, 16, 3))
        arrays |= {f"x_{part}": np.clip(noisy, 0, 255).astype(np.uint8), f"y_{part}": y}
    path = tmp_path_factory.mktemp("source") / "small.npz"
    np.savez(path, **arrays)
    return path


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    scale = replace(
        SCALES["cpu"],
        budget=3,
        augmentation_budget=3,
        train_size=48,
        epochs=1,
        final_epochs=2,
    )
    monkeypatch.setitem(SCALES, "cpu", scale)
    pyramid = replace(PYRAMID, budget=4, augmentation_budget=2, train_size=48)
    monkeypatch.setattr(cnn_settings, "PYRAMID", pyramid)
    short = replace(RECIPES["grid"], steps=4, epochs=2, proxy_steps=1)
    monkeypatch.setitem(cast("dict[str, Recipe]", RECIPES), "grid", short)


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


@pytest.fixture
def made(source: Path, tmp_path: Path) -> Path:
    reproduce(cnn_reproduction(CNNSettings("cifar10", source)), tmp_path / "run")
    return tmp_path / "run"


def test_three_networks_with_the_same_number_of_parameters(made: Path) -> None:
    found = results(made)
    baseline, augmented, best = found["networks"]
    assert [row["network"] for row in found["networks"]] == [
        "baseline",
        "best augmentation",
        "found",
    ]
    assert baseline["symmetries"] == augmented["symmetries"] == baseline["augmentations"] == []
    assert baseline["n_parameters"] == augmented["n_parameters"]
    assert best["n_parameters"] == pytest.approx(baseline["n_parameters"], rel=0.05)
    assert (found["train_size"], found["test_size"], found["epochs"]) == (90, 30, 2)
    assert {name: one["networks_trained"] for name, one in found["searches"].items()} == {
        "search": 3,
        "augmentations": 3,
    }
    table = cnn_markdown(found)
    assert table.count("\n|") == 5
    assert "| baseline | none" in table
    assert found["reduced"] in table


def test_new_bodies_in_two_sizes_on_any_images(source: Path, tmp_path: Path) -> None:
    settings = CNNSettings("file", source, backbone="pyramid")
    reproduce(cnn_reproduction(settings), tmp_path)
    found = results(tmp_path)
    assert (found["dataset"], found["backbone"]) == ("small-pyramid", "pyramid")
    assert found["epochs"] == 2  # of the recipe, not of the searches' short trainings
    baseline, _, best = found["networks"]
    assert best["n_parameters"] == pytest.approx(baseline["n_parameters"], rel=0.05)
    assert "pyramid backbone" in cnn_markdown(found)
    with pytest.raises(RunError, match="backbone was pyramid and is now paper"):
        reproduce(cnn_reproduction(CNNSettings("file", source)), tmp_path)


def test_again_it_trains_nothing_and_says_the_same(
    made: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something is trained again")

    monkeypatch.setattr(Evaluator, "evaluate", refuse)
    monkeypatch.setattr(Singles, "_run", refuse)
    before = (made / "results.json").read_bytes()
    reproduce(cnn_reproduction(CNNSettings("cifar10", source)), made)
    found, former = results(made), json.loads(before)
    for record in (found, former):
        for one in record["searches"].values():
            one.pop("seconds")
    assert found == former


def test_another_reproduction_is_refused(made: Path, source: Path) -> None:
    with pytest.raises(RunError, match="seed was 0 and is now 1"):
        reproduce(cnn_reproduction(CNNSettings("cifar10", source, seed=1)), made)


def test_bad_settings_are_named_together(source: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'cifar100'.*'tpu'.*--seed must be 0 or more"):
        CNNSettings("cifar100", source, "tpu", -1)
    with pytest.raises(SettingsError, match="--backbone must be one of paper, pyramid"):
        CNNSettings("cifar10", source, backbone="residual")
    with pytest.raises(SettingsError, match="--scale is of --backbone paper"):
        CNNSettings("cifar10", source, "gpu", backbone="pyramid")
    with pytest.raises(SettingsError, match="--source .*does not exist"):
        reproduce(cnn_reproduction(CNNSettings("cifar10", tmp_path / "no")), tmp_path / "run")
    assert not (tmp_path / "run").exists()
