import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.formats.idx import idx_bytes, read_idx
from autoequivariant.data.published.catalogue import PUBLISHED
from autoequivariant.data.registry import read
from autoequivariant.errors import AutoequivariantError
from autoequivariant.memory import MemoryBudget
from autoequivariant.paper.derived_data import RECIPES, make_data


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for part, n in (("train", 40), ("t10k", 20)):
        images = rng.integers(256, size=(n, 8, 8)).astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        labels = (np.arange(n) % 4).astype(np.uint8)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)])
def test_idx_bytes_are_read_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    (tmp_path / "a").write_bytes(idx_bytes(array))
    assert np.array_equal(read_idx(tmp_path / "a", MemoryBudget()), array)


def test_a_made_set_is_read_back_and_its_card_tells_the_truth(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    written = make_data("g-mnist", source, "mix1", 3, out)
    assert {path.name for path in written} == {path.name for path in out.iterdir()}
    samples = read(out)
    assert samples.x.shape == (40, 1, 8, 8)
    card = json.loads((out / "card.json").read_text())
    assert card["counts"] == {"train": 40, "test": 20}
    assert (card["seed"], card["setting"], card["licence"]) == (3, "mix1", "CC BY-SA 3.0")
    for name, digest in card["sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
        assert digest in (out / "README.md").read_text()


def test_the_same_seed_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_data("g-fashion-mnist", source, "mix5", 0, tmp_path / name)
    assert all(
        (tmp_path / "a" / path.name).read_bytes() == path.read_bytes()
        for path in (tmp_path / "b").iterdir()
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many images as MNIST has, but of 2x2 pixels."""
    folder = tmp_path_factory.mktemp("many")
    for part, n in (("train", 60_000), ("t10k", 10_000)):
        images = (np.arange(4 * n) * 37 % 251).astype(np.uint8).reshape(n, 2, 2)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        labels = (np.arange(n) % 10).astype(np.uint8)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


def test_rotmnist_has_the_classic_counts_and_a_card(many: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        make_data("rotmnist", many, None, 5, tmp_path / out)
    samples = read(tmp_path / "a")
    assert samples.x_test is not None
    assert (len(samples.x), len(samples.x_test)) == (12_000, 50_000)
    card = json.loads((tmp_path / "a" / "card.json").read_text())
    assert card["counts"] == {"train": 12_000, "test": 50_000}
    assert (card["seed"], card["source"], card["licence"]) == (5, "MNIST", "CC BY-SA 3.0")
    text = (tmp_path / "a" / "README.md").read_text()
    for phrase in ("12,000 training and 50,000 test", "seed: 5", *card["sha256"].values()):
        assert phrase in text
    for name, digest in card["sha256"].items():
        assert hashlib.sha256((tmp_path / "b" / name).read_bytes()).hexdigest() == digest


def test_no_setting_is_the_setting_none(source: Path, tmp_path: Path) -> None:
    make_data("g-mnist", source, None, 0, tmp_path / "made")
    assert np.array_equal(read(tmp_path / "made").x, read(source).x)
    assert json.loads((tmp_path / "made" / "card.json").read_text())["setting"] == "none"


def test_every_recipe_starts_from_a_named_data_set() -> None:
    assert all(recipe.original in PUBLISHED for recipe in RECIPES.values())


@pytest.mark.parametrize(
    ("name", "setting", "trouble"),
    [
        ("h-mnist", "mix1", "must be one of g-mnist, g-fashion-mnist, rotmnist; got 'h-mnist'"),
        ("g-mnist", "mixed", "--setting of g-mnist must be one of none, rot90,.*; got 'mixed'"),
        ("g-mnist", "", "--setting of g-mnist must be one of .*; got ''"),
        ("rotmnist", "mix1", "rotmnist has no settings; got 'mix1': omit --setting"),
        ("rotmnist", "none", "rotmnist has no settings; got 'none'"),
        ("rotmnist", "", "rotmnist has no settings; got ''"),
        ("rotmnist", None, "RotMNIST needs 62,000 training and test images together; mnist has 60"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_written(
    source: Path, tmp_path: Path, name: str, setting: str | None, trouble: str
) -> None:
    with pytest.raises(AutoequivariantError, match=trouble):
        make_data(name, source, setting, 0, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_folder_in_use_is_left_alone(source: Path, tmp_path: Path) -> None:
    kept = tmp_path / "made" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(AutoequivariantError, match="not empty"):
        make_data("g-mnist", source, "mix1", 0, kept.parent)
    assert [path.name for path in kept.parent.iterdir()] == ["mine.txt"]
