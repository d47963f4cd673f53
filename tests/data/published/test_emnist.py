import gzip
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.formats.idx import idx_bytes
from autoequivariant.data.published.emnist import SETS, holds_emnist, read_emnist
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

SEEN = np.zeros((4, 8, 8), np.uint8)
SEEN[:, 1:7, 1] = SEEN[:, 6, 1:5] = 255  # a letter L, upright
STORED = SEEN.swapaxes(1, 2)  # as NIST's files have it
LABELS = np.array([12, 1, 12, 2], np.uint8)


def write(folder: Path, name: str, leave_out: str = "") -> None:
    for part in ("train", "test"):
        for content, axes, array in (("images", 3, STORED), ("labels", 1, LABELS)):
            file = f"emnist-{name}-{part}-{content}-idx{axes}-ubyte.gz"
            if f"{part}-{content}" != leave_out:
                (folder / file).write_bytes(gzip.compress(idx_bytes(array)))


@pytest.mark.parametrize("name", SETS)
def test_letters_stand_upright(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    assert holds_emnist(tmp_path)
    arrays = read_emnist(tmp_path, MemoryBudget())
    assert np.array_equal(arrays.x, SEEN)
    assert np.array_equal(arrays.x_test, SEEN)
    assert np.array_equal(arrays.y, LABELS)
    assert np.array_equal(arrays.y_test, LABELS)


def test_several_sets_in_one_folder(tmp_path: Path) -> None:
    write(tmp_path, "letters")
    read_emnist(tmp_path, MemoryBudget())
    write(tmp_path, "digits")
    with pytest.raises(DataError, match=r"several sets of EMNIST \(digits, letters\): give a"):
        read_emnist(tmp_path, MemoryBudget())


def test_a_missing_file(tmp_path: Path) -> None:
    write(tmp_path, "letters", leave_out="train-labels")
    with pytest.raises(DataError, match="but not emnist-letters-train-labels-idx1-ubyte"):
        read_emnist(tmp_path, MemoryBudget())
