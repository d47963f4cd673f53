import io
import zipfile

import numpy as np
import pytest

from autoequivariant.data.formats.numpy_file import NumpyFile, read_npz
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

X = np.arange(24.0).reshape(4, 6)
Y = np.array(["a", "b", "a", "b"])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_that_are_read(tmp_path, save):
    path = tmp_path / "a.npz"
    save(path, x_train=X, y_train=Y, note="more")
    arrays = read_npz(path, MemoryBudget())
    assert np.array_equal(arrays.x, X)
    assert np.array_equal(arrays.y, Y)
    assert arrays.x_test is None
    assert arrays.y_test is None
    save(path, x_train=X, y_train=Y, x_test=X[:1], y_test=Y[:1])
    arrays = read_npz(path, MemoryBudget())
    assert np.array_equal(arrays.x_test, X[:1])
    assert np.array_equal(arrays.y_test, Y[:1])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y_train": Y, "x": X}, "has no x_train, it holds 'y_train' and 'x': name its arrays"),
        ({"x_train": X}, "has no y_train, it holds 'x_train'"),
        ({}, "has no x_train and no y_train, it holds nothing"),
        ({"x_train": X.astype(object), "y_train": Y}, "x_train in .*a.npz holds pickled Python"),
        ({"x_train": X, "y_train": Y.astype(object)}, "y_train in .*a.npz holds pickled Python"),
    ],
)
def test_arrays_that_are_refused(tmp_path, arrays, message):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=message):
        read_npz(path, MemoryBudget())


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, contents in members.items():
            file.writestr(name, contents)
    return buffer.getvalue()


def npy(array, cut=None):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()[:cut]


GOOD = archive(**{"x_train.npy": npy(X), "y_train.npy": npy(Y)})


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "not an .npz archive or is cut short"),
        (npy(X), "not an .npz archive"),
        (b"junk" + GOOD[4:], "not an .npz archive"),
        (GOOD.replace(b"PK\1\2\x14\3\x14", b"PK\1\2\x14\3\xff"), "damaged .*version 25.5"),
        (GOOD.replace(b"'descr'", b"('desc'"), "damaged"),
        (GOOD[:-30], "not an .npz archive or is cut short"),
        (GOOD.replace(X[2].tobytes(), bytes(48)), "damaged .*CRC"),
        (archive(**{"x_train.npy": npy(X, -8), "y_train.npy": npy(Y)}), "damaged"),
        (archive(x_train=b"text", **{"y_train.npy": npy(Y)}), "x_train in .* is not an array"),
    ],
)
def test_files_that_are_no_archives(tmp_path, contents, message):
    path = tmp_path / "a.npz"
    path.write_bytes(GOOD)
    assert np.array_equal(read_npz(path, MemoryBudget()).x, X)
    path.write_bytes(contents)
    with pytest.raises(DataError, match=f"a.npz.* {message}|{message}"):
        read_npz(path, MemoryBudget())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_compression_that_numpy_does_not_write(tmp_path, method):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("x_train.npy", npy(X))
        file.writestr("y_train.npy", npy(Y))
    if method != zipfile.ZIP_LZMA:
        assert np.array_equal(read_npz(path, MemoryBudget()).x, X)
        return
    with pytest.raises(DataError, match="x_train in .* is compressed in another way than NumPy"):
        read_npz(path, MemoryBudget())


def test_all_arrays_together_are_bounded_before_any_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    zeros = np.zeros((1000, 1000), np.uint8)
    np.savez_compressed(path, x_train=zeros, y_train=zeros[0], x_test=zeros, y_test=zeros[0])
    assert path.stat().st_size < 10_000
    assert read_npz(path, MemoryBudget(limit=4_200_000)).x.shape == (1000, 1000)
    monkeypatch.setattr("autoequivariant.data.formats.numpy_file.read_npy_values", None)
    with pytest.raises(DataError, match="above the .* of --memory-limit"):
        read_npz(path, MemoryBudget(limit=4_000_000))


def test_bare_arrays_are_bounded(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, X)
    needed = X.size * 28
    assert NumpyFile().read_input(path, InputSpec(), MemoryBudget(limit=needed)) is not None
    with pytest.raises(DataError, match="--memory-limit"):
        NumpyFile().read_input(path, InputSpec(), MemoryBudget(limit=needed - 1))


def test_a_member_with_many_names_is_told_briefly(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(archive(**{f"{'n' * 60_000}{number}.npy": npy(X) for number in range(9)}))
    with pytest.raises(DataError, match="has no x_train and no y_train, it holds 'nnn") as caught:
        read_npz(path, MemoryBudget())
    assert len(str(caught.value)) < 2000
