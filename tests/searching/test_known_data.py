"""On data with known symmetries, a search finds these and no others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.registry import read
from autoequivariant.groups.custom.definition import Candidate, candidate_of
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

PLAYERS = {"name": "players", "like": "negate", "outputs": {"swap": "win <-> loss"}}
TURN = {"name": "turn", "ring": "1 2 3 4 5 6 7 8 9"}
MINUS = {"name": "minus", "negate": list(range(10))}
BALLS = 7


def hastie(folder: Path, shifted: bool) -> str:
    """`hastie`, as it is or with a constant added to its first column."""
    samples = read("hastie")
    x = samples.x[:, 0].copy()
    x[:, 0] += 2.0 * shifted
    np.savez(folder / "hastie.npz", x_train=x, y_train=samples.y)
    return str(folder / "hastie.npz")


def voxels(folder: Path, upright: bool) -> str:
    """Seven balls in 4x4x4 voxels: are they near the middle? Upright: are they low?"""
    rng = np.random.default_rng(0)
    places = rng.integers(0, 4, (1200, BALLS, 3))
    x = np.zeros((1200, 4, 4, 4), np.float32)
    for place in places.transpose(1, 2, 0):
        x[np.arange(1200), *place] += 1
    far = np.abs(places - 1.5).sum(2).mean(1)
    height = places[:, :, 0].mean(1)
    value = height if upright else far
    np.savez(folder / "voxels.npz", x_train=x, y_train=(value > np.median(value)).astype(int))
    return str(folder / "voxels.npz")


CASES: dict[str, tuple[Any, list[Any], list[str], dict[str, Any]]] = {
    # data, candidates, those that the data have, training
    "a board": (
        "tic_tac_toe",
        [PLAYERS, "hflip", "negate"],
        ["players", "hflip"],
        {"epochs": 15, "train_size": 300, "validation_size": 600},
    ),
    "a table": (
        "friedman1",
        [{"swap": "x1 <-> x2"}, {"swap": "x6 <-> x7"}, {"swap": "x3 <-> x4"}],
        ["swap x1 <-> x2", "swap x6 <-> x7"],
        {"epochs": 20, "train_size": 600, "validation_size": 400},
    ),
    "signs": (
        lambda folder: hastie(folder, shifted=False),
        [TURN, MINUS],
        ["turn", "minus"],
        {"epochs": 60, "train_size": 600, "validation_size": 400},
    ),
    "signs, shifted": (
        lambda folder: hastie(folder, shifted=True),
        [TURN, MINUS],
        ["turn"],
        {"epochs": 60, "train_size": 600, "validation_size": 400},
    ),
    "spins": (
        "ising",
        ["translate_x:2", "negate"],
        ["translate_x:2", "negate"],
        {"epochs": 10, "train_size": 300, "validation_size": 300},
    ),
    "DNA": (
        "motif",
        ["dna"],
        ["reverse_complement"],
        # A CNN of the same size is right about all of them, without a symmetry.
        {"epochs": 10, "train_size": 1200, "validation_size": 600, "network": "mlp"},
    ),
    "DNA, one strand": (
        "motif_one_strand",
        ["reverse_complement"],
        [],
        {"epochs": 12, "train_size": 900, "validation_size": 500, "network": "mlp"},
    ),
    "voxels": (
        lambda folder: voxels(folder, upright=False),
        ["cube"],
        ["rot90_xy", "rot90_yz", "flip_x"],
        {"epochs": 16, "train_size": 600, "kind": "volume"},
    ),
    "voxels, upright": (
        lambda folder: voxels(folder, upright=True),
        ["cube"],
        ["rot90_xy", "flip_x"],
        {"epochs": 16, "train_size": 600, "kind": "volume"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_exactly_the_true_symmetries_are_found(case: str, tmp_path: Path) -> None:
    data, specs, expected, options = CASES[case]
    candidates: tuple[Candidate, ...] = tuple(map(candidate_of, specs))
    name = data if isinstance(data, str) else data(tmp_path)
    plain = {"tests": False, "smallest": True}  # what training alone finds
    options = {"sampler": "exhaustive", **plain, **options}
    settings = SearchSettings(name, symmetries=candidates, **options)
    assert search(settings, tmp_path / "run").results.best.symmetries == tuple(expected)
