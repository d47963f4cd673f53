import gzip
import io
import struct

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from PIL import Image

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.registry import SOURCES, data_names, read, short_name, source_of
from autoequivariant.data.source import DataSource
from autoequivariant.data.synthetic.catalogue import SYNTHETIC
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.groups.domain import Features, Grid, Sequence

X = np.arange(6 * 20, dtype=np.uint8).reshape(6, 4, 5)
Y = np.array([0, 1, 1, 0, 1, 0], np.uint8)


@pytest.fixture
def sources(tmp_path):
    """One small data set in every format."""
    np.savez(tmp_path / "arrays.npz", x_train=X, y_train=Y)
    for name, array in [("train-images-idx3-ubyte", X), ("train-labels-idx1-ubyte", Y)]:
        head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (tmp_path / "idx").mkdir(exist_ok=True)
        (tmp_path / "idx" / f"{name}.gz").write_bytes(gzip.compress(head + array.tobytes()))
    for number, (pixels, label) in enumerate(zip(X, Y, strict=True)):
        folder = tmp_path / "images" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path


@pytest.mark.parametrize("name", ["arrays.npz", "idx", "images"])
def test_every_format_holds_the_same(sources, name):
    samples = read(sources / name)
    assert samples.name == name.removesuffix(".npz")
    assert (samples.domain, samples.channels, samples.classes) == (Grid(4, 5), 1, ("0", "1"))
    order = np.argsort(Y, kind="stable") if name == "images" else np.arange(6)
    assert np.array_equal(samples.x, X[order, np.newaxis])
    assert np.array_equal(samples.y, Y[order])
    assert samples.x_test is None
    assert read(str(sources / name)).fingerprint() == samples.fingerprint()


def test_digits():
    samples = read("digits")
    assert (samples.name, samples.domain, samples.channels) == ("digits", Grid(8, 8), 1)
    assert samples.x.shape == (1797, 1, 8, 8)
    assert samples.x.dtype == np.float32
    assert len(samples.classes) == 10


def test_kinds(tmp_path):
    path = tmp_path / "table.npz"
    np.savez(path, x_train=X[:, 0], y_train=Y)
    assert read(path).domain == Features(5)
    assert read(path, "sequence").domain == Sequence(5)
    with pytest.raises(SettingsError, match="table.npz cannot be read as grid"):
        read(path, "grid")
    with pytest.raises(SettingsError, match="kind must be one of .*did you mean sequence"):
        read(path, "sequences")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "digit",
            r"'digit' \(did you mean digits\?\): give digits, .*, mnist, .*, a table .*, an .npz",
        ),
        ("fashion-mnist", r"'fashion-mnist' \(did you mean fashion_mnist\?\): give digits"),
        ("{}/array.npz", r"did you mean .*arrays.npz\?"),
        ("{}/nothing/like/it", "no data set or path '.*/nothing/like/it': give digits"),
        ("", "no data set or path ''"),
        ("a\0b", "no data set or path"),
        ("a" * 5000, "no data set or path"),
        (
            "{}/empty",
            "folder .*empty holds no data set in a known format: give digits.* train-images",
        ),
        ("{}/table.txt", "file .*table.txt holds no data set .*, a table .*, an .npz file"),
    ],
)
def test_sources_that_are_not_there(sources, source, message):
    (sources / "empty").mkdir()
    (sources / "table.txt").write_text("1,2")
    with pytest.raises(DataError, match=message):
        read(source.replace("{}", str(sources)))


def test_errors_name_the_path(tmp_path):
    path = tmp_path / "few.npz"
    np.savez(path, x_train=X, y_train=Y[:5])
    with pytest.raises(DataError, match=r"few.npz has 6 train samples but 5 train labels"):
        read(path)


def test_a_file_that_the_system_refuses(sources, monkeypatch):
    def refuse(path, memory):
        raise PermissionError(13, "Permission denied", str(path / "labels"))

    monkeypatch.setattr("autoequivariant.data.formats.idx_folder.read_idx_folder", refuse)
    with pytest.raises(DataError, match=r"idx/labels cannot be read \(Permission denied\)"):
        read(sources / "idx")


def test_data_that_do_not_fit_into_memory(sources, monkeypatch):
    def refuse(path, memory):
        raise MemoryError

    monkeypatch.setattr("autoequivariant.data.formats.numpy_file.read_npz", refuse)
    with pytest.raises(DataError, match="arrays.npz does not fit into memory"):
        read(sources / "arrays.npz")


@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".csv.gz", ".tsv", ".parquet"])
def test_tables(tmp_path, suffix):
    path = tmp_path / f"my.table{suffix}"
    table = pyarrow.table({"a": [0.5, 1.5, 2.5], "b": [1, 2, 3], "y": ["m", "n", "m"]})
    if suffix == ".parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        text = io.BytesIO()
        delimiter = "\t" if suffix == ".tsv" else ","
        pyarrow.csv.write_csv(table, text, pyarrow.csv.WriteOptions(delimiter=delimiter))
        path.write_bytes(gzip.compress(text.getvalue()) if suffix == ".csv.gz" else text.getvalue())
    samples = read(path, target=["y"])
    assert (samples.name, samples.domain, samples.classes) == ("my.table", Features(2), ("m", "n"))
    assert samples.columns == ("a", "b")
    assert samples.x[:, 0].tolist() == [[0.5, 1], [1.5, 2], [2.5, 3]]
    assert read(path, "sequence", target="y").domain == Sequence(2)
    assert read(path, "sequence", target="y").columns == ()
    numbers = read(path, target="b", drop="y", task="regression")
    assert (numbers.task, numbers.targets, numbers.columns) == ("regression", ("b",), ("a",))
    assert numbers.y.tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("option", ["target", "drop"])
@pytest.mark.parametrize("data", ["digits", "hastie", "mnist", "arrays.npz", "images"])
def test_columns_of_what_is_no_table(sources, data, option):
    where = sources / data if (sources / data).exists() else data
    with pytest.raises(
        SettingsError, match=f"--{option} is for a table .* not for .*{data}, which"
    ):
        read(where, **{option: ["a"]})


def test_tasks(sources):
    assert read(sources / "arrays.npz", task="regression").targets == ("target",)
    assert read(sources / "arrays.npz", task="classification").task == "classification"
    with pytest.raises(
        SettingsError, match="task must be one of .*'regresion' .did you mean regression"
    ):
        read(sources / "arrays.npz", task="regresion")


@pytest.mark.slow
@pytest.mark.parametrize("name", SYNTHETIC)
def test_known_data(name):
    samples, again = read(name), read(name)
    assert samples.name == name
    assert samples.fingerprint() == again.fingerprint()
    assert bool(samples.columns) == (samples.domain == Features(10))
    assert samples.task == ("regression" if name == "friedman1" else "classification")


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_original_files(shared_data, name):
    samples = read(shared_data / name)
    assert (samples.name, samples.domain, samples.channels) == (name, Grid(28, 28), 1)
    assert samples.classes == tuple("0123456789")
    assert samples.x.shape == (60000, 1, 28, 28)
    assert samples.x_test.shape == (10000, 1, 28, 28)
    assert samples.x.dtype == samples.x_test.dtype == np.uint8
    expected = {"mnist": [5923, 6742], "fashion_mnist": [6000, 6000]}[name]
    assert np.bincount(samples.y)[:2].tolist() == expected
    assert (
        samples.y[:5].tolist() == {"mnist": [5, 0, 4, 1, 9], "fashion_mnist": [9, 0, 0, 3, 0]}[name]
    )


def test_colour_images_in_an_archive(shared_data):
    samples = read(shared_data / "cifar10_subset.npz")
    assert (samples.name, samples.domain, samples.channels) == ("cifar10_subset", Grid(32, 32), 3)
    assert samples.x.shape == (10000, 3, 32, 32)
    assert samples.x_test.shape == (2000, 3, 32, 32)
    with np.load(shared_data / "cifar10_subset.npz") as archive:
        assert np.array_equal(samples.x[7, 1], archive["x_train"][7, :, :, 1])


class Boards(DataSource):
    """Four boards, by name or from a file."""

    name = "boards"
    names = ("toy_boards",)
    form = "a .boards file"
    suffixes = (".boards",)
    options = frozenset({"source"})

    def read(self, data, options):
        return Arrays(np.arange(16).reshape(4, 4) + bool(options.source), [0, 1, 0, 1], kind="grid")


class Sequences(Boards):
    name, names = "sequences", ()

    def read(self, data, options):
        return Arrays(np.arange(16).reshape(4, 4), [0, 1, 0, 1], kind="sequence", task="regression")


def test_a_source_that_is_registered_at_run_time(tmp_path, monkeypatch):
    path = tmp_path / "mine.boards"
    path.touch()
    with pytest.raises(DataError, match="There is no data set or path 'toy_boards'"):
        read("toy_boards")
    with pytest.raises(DataError, match=r"file .*mine.boards holds no data set in a known format"):
        read(path)
    monkeypatch.setitem(SOURCES, "boards", Sequences())
    samples = read(path)
    assert (samples.name, samples.domain, samples.task) == ("mine", Sequence(4), "regression")
    assert read(path, "features", task="classification").domain == Features(4)
    monkeypatch.setitem(SOURCES, "boards", Boards())
    assert data_names()[-1] == "toy_boards"
    assert source_of("toy_boards").name == "boards"
    assert short_name(path) == "mine"
    with pytest.raises(SettingsError, match="toy_boards cannot be read as grid"):
        read("toy_boards")
    assert read("toy_boards", "features").name == "toy_boards"
    assert read("toy_boards", "features", source=tmp_path).x.min() == 1
    with pytest.raises(
        DataError, match=r"did you mean toy_boards.*, toy_boards, .* a .boards file"
    ):
        read("toy_bords")
    with pytest.raises(DataError, match=r"did you mean .*mine.boards"):
        read(tmp_path / "mine.board")
    with pytest.raises(SettingsError, match="--target is for a table .* not for toy_boards"):
        read("toy_boards", target="y")
    with pytest.raises(SettingsError, match="--source is for mnist, .* toy_boards, a .boards file"):
        read("digits", source=tmp_path)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("mnist", "mnist"),
        ("a/b.npz", "b"),
        ("c.csv.gz", "c"),
        ("d.PQ", "d"),
        ("e.f", "e.f"),
        ("/", ""),
    ],
)
def test_short_names(data, name):
    assert short_name(data) == name


def test_the_memory_limit_reaches_every_source(sources):
    for name in ("arrays.npz", "idx", "images"):
        assert len(read(sources / name, memory_limit=10**4).y) == 6
        with pytest.raises(DataError, match=f"{name} may take .* of --memory-limit"):
            read(sources / name, memory_limit=10)
