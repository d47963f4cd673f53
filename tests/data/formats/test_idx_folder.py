import gzip
import struct

import numpy as np
import pytest

from autoequivariant.data.formats.idx_folder import IdxFolder, holds_idx_files, read_idx_folder
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

X = np.arange(36, dtype=np.uint8).reshape(3, 3, 4)
Y = np.array([0, 1, 1], np.uint8)


def write(folder, name, array, zipped=False):
    contents = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    contents += array.tobytes()
    (folder / name).write_bytes(gzip.compress(contents) if zipped else contents)


@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("with_test", [False, True])
def test_names_that_are_found(tmp_path, mark, zipped, with_test):
    for part in ["train", "t10k"][: 1 + with_test]:
        end = "-ubyte" + ".gz" * zipped
        write(tmp_path, f"{part}-images{mark}idx3{end}", X, zipped)
        write(tmp_path, f"{part}-labels{mark}idx1{end}", Y, zipped)
    assert holds_idx_files(tmp_path) and IdxFolder().recognises(tmp_path)
    arrays = read_idx_folder(tmp_path, MemoryBudget())
    assert np.array_equal(arrays.x, X)
    assert np.array_equal(arrays.y, Y)
    assert (arrays.x_test is not None) == (arrays.y_test is not None) == with_test


def test_a_folder_without_them(tmp_path):
    (tmp_path / "train-images.png").touch()
    assert not holds_idx_files(tmp_path)


FILES = {
    "train-images-idx3-ubyte": X,
    "train-labels-idx1-ubyte": Y,
    "t10k-images-idx3-ubyte": X,
    "t10k-labels-idx1-ubyte": Y,
}


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (["train-images"], "holds train-labels-idx1-ubyte but not train-images-idx3-ubyte"),
        (["train-labels"], "holds train-images-idx3-ubyte but not train-labels-idx1-ubyte"),
        (["t10k-images"], "holds t10k-labels-idx1-ubyte but not t10k-images-idx3-ubyte"),
        (["t10k-labels"], "holds t10k-images-idx3-ubyte but not t10k-labels-idx1-ubyte"),
        (["train-images", "train-labels"], "holds the test files .* but not train-images"),
    ],
)
def test_half_of_a_pair(tmp_path, missing, message):
    for name, array in FILES.items():
        if not any(name.startswith(start) for start in missing):
            write(tmp_path, name, array)
    with pytest.raises(DataError, match=message):
        read_idx_folder(tmp_path, MemoryBudget())


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-images-idx3-ubyte", Y, "train-images.*wrong magic number for images"),
        ("t10k-labels-idx1-ubyte", X, "t10k-labels.*wrong magic number for labels"),
    ],
)
def test_images_and_labels_exchanged(tmp_path, name, array, message):
    for good, contents in FILES.items():
        write(tmp_path, good, contents)
    read_idx_folder(tmp_path, MemoryBudget())
    write(tmp_path, name, array)
    with pytest.raises(DataError, match=message):
        read_idx_folder(tmp_path, MemoryBudget())
