from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from autoequivariant.data.published.svhn import FILES, read_svhn
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 32, 32, 3), np.uint8)
DIGITS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0])


def write(path: Path, x: np.ndarray = IMAGES, y: np.ndarray = DIGITS) -> None:
    """As the authors' files: images last, and 10 for the digit 0."""
    stored = np.where(y == 0, 10, y).astype(np.uint8)[:, np.newaxis]
    savemat(path, {"X": np.moveaxis(x, 0, -1), "y": stored}, do_compression=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / FILES[0])
    write(tmp_path / FILES[1], IMAGES[:4], DIGITS[:4])
    return tmp_path


def test_images_come_first_and_ten_is_nought(folder: Path) -> None:
    arrays = read_svhn(folder, MemoryBudget())
    assert np.array_equal(arrays.x, IMAGES)
    assert np.array_equal(arrays.y, DIGITS)
    assert np.array_equal(arrays.x_test, IMAGES[:4])
    assert np.array_equal(arrays.y_test, DIGITS[:4])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "test_32x32.mat is damaged or no MATLAB file of SVHN .*: fetch it again"),
        (lambda path: path.write_bytes(b""), "test_32x32.mat is damaged"),
        (lambda path: path.write_bytes(b"<html>" * 100), "test_32x32.mat is damaged"),
        (lambda path: savemat(path, {"z": DIGITS}), "test_32x32.mat is damaged .*X"),
        (lambda path: write(path, IMAGES[:5]), "with 11 labels, not SVHN's"),
        (lambda path: savemat(path, {"X": IMAGES / 2, "y": DIGITS}), "type float64"),
        (Path.unlink, "lacks test_32x32.mat of SVHN's cropped digits: add it"),
    ],
)
def test_a_damaged_or_missing_file(folder: Path, damage: object, message: str) -> None:
    read_svhn(folder, MemoryBudget())
    assert callable(damage)
    damage(folder / "test_32x32.mat")
    with pytest.raises(DataError, match=message):
        read_svhn(folder, MemoryBudget())


def test_the_files_are_bounded(folder: Path) -> None:
    needed = 3 * (IMAGES.nbytes + 4 * IMAGES[0].nbytes) + 10**4
    assert len(read_svhn(folder, MemoryBudget(limit=needed)).x)
    with pytest.raises(DataError, match="--memory-limit"):
        read_svhn(folder, MemoryBudget(limit=needed // 2))
