"""Small runs that the tests of reports look at."""

from pathlib import Path

import numpy as np
import pytest

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

from .outcomes import small_problem

SMALL = SearchSettings(
    "digits",
    symmetries=parse_symmetries("rot90,hflip,vflip,translate_x:2"),
    plant=parse_symmetries("hflip"),
    channels=2,
    epochs=3,
    train_size=300,
    validation_size=100,
)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search over MLPs."""
    return search(SMALL, tmp_path_factory.mktemp("report") / "digits").folder


@pytest.fixture(scope="session")
def cnn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search over CNNs, on data that are gone."""
    folder = tmp_path_factory.mktemp("cnn")
    data = folder / "<script><b> & co.npz"
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 12, 12)).astype("float32")
    y = (x[:, :6].mean(axis=(1, 2)) > x[:, 6:].mean(axis=(1, 2))).astype(int)
    with data.open("wb") as file:
        np.savez(file, x_train=x, y_train=y)
    settings = SearchSettings(
        str(data),
        network="cnn",
        symmetries=parse_symmetries("hflip,vflip"),
        augmentations=("hflip", "shear"),
        epochs=1,
        budget=6,
        tests=False,
        smallest=True,
    )
    found = search(settings, folder / "run").folder
    data.unlink()
    return found


@pytest.fixture(scope="session")
def problem() -> Problem:
    """A search among three symmetries of digits."""
    return small_problem()
