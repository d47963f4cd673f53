"""Data sets by name through the command line: from their files, and where they are not."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.data.formats.idx import idx_bytes

X = np.random.default_rng(0).integers(0, 256, (60, 4, 4), np.uint8)
Y = (np.arange(60) % 2).astype(np.uint8)
SMALL = ["--layers", "2x2", "--channels", "1", "--epochs", "1", "--symmetries", "hflip"]


def aen(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the files of a small MNIST in `idx`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "idx").mkdir()
    for part in ("train", "t10k"):
        for name, array in ((f"{part}-images-idx3-ubyte", X), (f"{part}-labels-idx1-ubyte", Y)):
            (tmp_path / "idx" / f"{name}.gz").write_bytes(gzip.compress(idx_bytes(array)))
    return tmp_path


def test_a_search_takes_the_name(place: Path) -> None:
    code, printed, complaint = aen("search", "fashion_mnist", "--source", "idx", *SMALL)
    assert (code, complaint) == (0, "")
    assert printed.startswith("data: fashion_mnist, 4x4, 2 classes; ")
    results = json.loads((place / "runs" / "fashion_mnist" / "results.json").read_text())
    assert results["data"] == "fashion_mnist"


def test_moved_files_are_the_same_search(place: Path) -> None:
    assert aen("search", "mnist", "--source", "idx", *SMALL)[0] == 0
    (place / "idx").rename(place / "elsewhere")
    assert aen("search", "mnist", "--source", "elsewhere", *SMALL)[::2] == (0, "")


def test_symmetries_take_the_shape_of_a_named_data_set(place: Path) -> None:
    code, printed, _ = aen("symmetries", "kmnist", "--source", "idx", "--layers", "2x2", "--json")
    assert code == 0
    assert json.loads(printed)["layers"] == ["4x4", "2x2"]


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("mnist", "mnist is fetched through Hugging Face datasets, which is not installed: run"),
        ("mnist --source nowhere", "There is no --source 'nowhere' for mnist: check the path."),
        ("cifar10 --source idx", "--source idx does not hold CIFAR-10: give a folder with data_"),
        ("digits --source idx", "--source is for mnist, "),
        ("idx --source idx", "not for idx, which needs none: leave it out."),
        ("fashionmnist", "did you mean fashion_mnist"),
    ],
)
@pytest.mark.parametrize("command", ["search", "symmetries"])
def test_what_cannot_be_read_is_one_sentence(
    place: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: str, phrase: str
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    code, printed, complaint = aen(command, *arguments.split())
    assert (code, printed) == (2, "")
    assert complaint.startswith("aen: ")
    assert complaint.count("\n") == 1
    assert phrase in complaint
    assert [path.name for path in place.iterdir()] == ["idx"]


def test_a_source_without_data() -> None:
    code, printed, complaint = aen("symmetries", "--shape", "8x8", "--source", "idx")
    assert (code, printed) == (2, "")
    said = "aen: --source belongs to a published data set: give one, such as mnist.\n"
    assert complaint == said
