"""`aen data make`: what it writes, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.data.formats.idx import idx_bytes


def aen(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the files of a small MNIST in `idx`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "idx").mkdir()
    images = np.random.default_rng(0).integers(0, 256, (60, 4, 4), np.uint8)
    for part in ("train", "t10k"):
        (tmp_path / "idx" / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        labels = (np.arange(60) % 2).astype(np.uint8)
        (tmp_path / "idx" / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return tmp_path


def test_help_names_every_option() -> None:
    code, printed, _ = aen("data", "make", "--help")
    assert code == 0
    for option in ("source", "out", "setting", "seed"):
        assert f"--{option}" in printed


def test_what_is_written(place: Path) -> None:
    arguments = ["--source", "idx", "--out", "made", "--setting", "mix1", "--seed", "3"]
    code, printed, complaint = aen("data", "make", "g-mnist", *arguments)
    assert (code, complaint) == (0, "")
    names = printed.removeprefix("written to made: ").strip().split(", ")
    assert set(names) == {path.name for path in (place / "made").iterdir()}
    assert {"card.json", "README.md", "train-images-idx3-ubyte"} <= set(names)


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        (["--setting", "mix1"], "rotmnist has no settings; got 'mix1': omit --setting."),
        ([], "RotMNIST needs 62,000 training and test images together; mnist has 120"),
    ],
)
def test_rotmnist_that_cannot_be_made(place: Path, options: list[str], phrase: str) -> None:
    answer = aen("data", "make", "rotmnist", "--source", "idx", "--out", "made", *options)
    code, printed, complaint = answer
    assert (code, printed) == (2, "")
    assert phrase in complaint
    assert not (place / "made").exists()
    twin = aen("data", "make", "g-mnist", "--source", "idx", "--out", "made")
    assert twin[::2] == (0, "")
