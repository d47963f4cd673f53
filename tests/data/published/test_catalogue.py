"""Every data set by name, from a copy of the hub's files and from the authors' own."""

import sys
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.formats.idx import idx_bytes
from autoequivariant.data.published.catalogue import PUBLISHED
from autoequivariant.data.registry import read
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Grid

from .hub_copies import pictures, write_copy

COLOUR = ("cifar10", "svhn")
Y = np.arange(12) % 4


def write_idx(folder: Path, x: np.ndarray) -> None:
    folder.mkdir(exist_ok=True)
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(x))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(Y.astype(np.uint8)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_copy_of_the_hub(tmp_path: Path, name: str) -> None:
    x = pictures(12, 32, 32, 3) if name in COLOUR else pictures(12, 28, 28)
    stored = x.swapaxes(1, 2) if name == "emnist" else x
    write_copy(tmp_path, PUBLISHED[name].hub, train=(stored, Y), test=(stored[:5], Y[:5]))
    samples = read(name, source=tmp_path)
    assert samples.name == name
    assert samples.domain == (Grid(32, 32) if name in COLOUR else Grid(28, 28))
    assert samples.channels == (3 if name in COLOUR else 1)
    assert np.array_equal(samples.x, np.moveaxis(x, -1, 1) if name in COLOUR else x[:, None])
    assert samples.x_test is not None
    assert np.array_equal(samples.x_test, samples.x[:5])
    assert samples.y.tolist() == Y.tolist()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_the_hub_and_the_authors_have_the_same(tmp_path: Path, name: str) -> None:
    x = pictures(12, 28, 28)
    write_idx(tmp_path / "idx", x)
    write_copy(tmp_path / "hub", PUBLISHED[name].hub, train=(x, Y), test=(x, Y))
    np.savez(tmp_path / "a.npz", x_train=x, y_train=Y, x_test=x, y_test=Y)
    prints = {read(name, source=tmp_path / s).fingerprint() for s in ("idx", "hub", "a.npz")}
    assert prints == {read(tmp_path / "idx").fingerprint()}


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_name_has_its_own_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        DataError, match=f"does not hold {PUBLISHED[name].title}: give a folder with"
    ):
        read(name, source=tmp_path)
    (tmp_path / "a.zip").touch()
    with pytest.raises(
        DataError, match=f"a.zip does not hold {PUBLISHED[name].title}: give a folder"
    ):
        read(name, source=tmp_path / "a.zip")


def test_a_folder_that_is_called_like_a_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(tmp_path / "kmnist", pictures(12, 8, 8))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "autoequivariant.data.published.catalogue.fetch_from_hub", lambda name, files, memory: 1 / 0
    )
    for folder in ("./kmnist", "kmnist/", Path("kmnist")):
        assert read(folder).domain == Grid(8, 8)
    with pytest.raises(ZeroDivisionError):
        read("kmnist")


def test_a_folder_of_the_name_is_mentioned_where_fetching_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match="with the original files.$"):
        read("kmnist")
    write_idx(tmp_path / "kmnist", pictures(12, 8, 8))
    with pytest.raises(DataError, match=r"\(to read the local path kmnist, write ./kmnist\).$"):
        read("kmnist")


@pytest.mark.parametrize(
    ("data", "source", "error", "message"),
    [
        ("digits", "idx", SettingsError, "--source is for mnist, .*, asl, not for digits, which"),
        ("idx", "idx", SettingsError, "--source is for mnist, .*, not for idx, which needs none"),
        ("mnits", "idx", DataError, r"no data set or path 'mnits' \(did you mean .*mnist"),
        ("mnist", "nowhere", DataError, "no --source 'nowhere' for mnist: check the path"),
    ],
)
def test_a_source_that_does_not_belong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    data: str,
    source: str,
    error: type[Exception],
    message: str,
) -> None:
    write_idx(tmp_path / "idx", pictures(12, 8, 8))
    monkeypatch.chdir(tmp_path)
    assert read("mnist", source=Path("idx")).name == "mnist"
    with pytest.raises(error, match=message):
        read(data, source=Path(source))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_original_files_by_name(shared_data: Path, name: str) -> None:
    samples = read(name, source=shared_data / name)
    assert samples.name == name
    assert samples.fingerprint() == read(shared_data / name).fingerprint()
