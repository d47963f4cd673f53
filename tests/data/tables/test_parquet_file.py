"""Parquet files, bounded by their metadata and by what is decoded."""

import io
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from autoequivariant.data.source import ReadOptions
from autoequivariant.data.tables.columns import BYTES_PER_COLUMN
from autoequivariant.data.tables.table_file import TableFile
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.memory import MemoryBudget

N = 1000


def read(path: Path, limit: int | None = None, **options: tuple[str, ...]) -> object:
    memory = MemoryBudget(path, limit)
    return TableFile().read(path, ReadOptions(**{"target": ("y",), "memory": memory, **options}))


def write(path: Path, **columns: object) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def test_the_metadata_are_checked_before_anything_is_read(tmp_path: Path, monkeypatch) -> None:
    zeros = np.zeros(10**5)
    path = write(tmp_path / "t.parquet", a=zeros, b=zeros, y=zeros)
    assert path.stat().st_size < 10_000
    assert read(path, 3 * (10**5 * 24 + BYTES_PER_COLUMN)).x.shape == (10**5, 2)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.iter_batches", None)
    with pytest.raises(DataError, match="t.parquet may take .* --memory-limit"):
        read(path, 3 * (10**5 * 24 + BYTES_PER_COLUMN) - 1)


def test_what_is_decoded_counts_where_the_metadata_do_not_tell(tmp_path: Path) -> None:
    def texts(length: int) -> Path:
        labels = [f"{number % 2}" * length for number in range(N)]
        path = tmp_path / f"{length}.parquet"
        return write(path, a=np.arange(N), y=labels)

    assert len(set(read(texts(500), N * 2 * 24 + 10**5).y)) == 2
    with pytest.raises(DataError, match="--memory-limit"):
        read(texts(10**5), N * 2 * 24 + 10**5)


def test_one_long_text_in_every_row_is_not_repeated(tmp_path: Path) -> None:
    """It would take 100 GB as a text in each row."""
    path = tmp_path / "t.parquet"
    codes = pyarrow.array(np.zeros(10**5, np.int32))
    long = pyarrow.DictionaryArray.from_arrays(codes, ["x" * 10**6])
    write(path, a=np.arange(10**5), y=long)
    with pytest.raises(DataError, match="label of .* has 1,000,000 characters: give classes"):
        read(path, 10**8)
    write(path, a=long, y=np.arange(10**5) % 2)
    with pytest.raises(DataError, match="column 'a' of .* holds text"):
        read(path, 10**8)


NESTED = {
    "lists": [[1, 2]] * N,
    "structs": [{"q": 1}] * N,
    "lists of texts": [["a"]] * N,
}


@pytest.mark.parametrize("kind", NESTED)
def test_nested_columns_are_refused_unless_dropped(tmp_path: Path, kind: str, monkeypatch) -> None:
    path = write(tmp_path / "t.parquet", a=np.arange(N), bad=NESTED[kind], y=np.arange(N) % 2)
    assert read(path, drop=("bad",)).columns == ("a",)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.iter_batches", None)
    with pytest.raises(DataError, match="column 'bad' of .* holds values of type .*--drop bad"):
        read(path)
    with pytest.raises(DataError, match="target 'bad' of .* holds values of type"):
        read(path, target=("bad",))


def test_damaged_files(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", a=np.arange(N), y=np.arange(N) % 2)
    good = path.read_bytes()
    assert read(path).x.shape == (N, 1)
    for bad in (b"", b"PAR1", good[:-9], good[:100] + bytes(8) + good[108:], good[4:], good[:-8]):
        path.write_bytes(bad)
        with pytest.raises(DataError, match="t.parquet is damaged or no Parquet file .*fetch it"):
            read(path)


def test_footers_whose_sizes_contradict_each_other(tmp_path: Path) -> None:
    """Some of Arrow's functions end the process on them, so they must not be called."""
    file = io.BytesIO()
    table = pyarrow.table({"a": np.arange(N), "y": np.arange(N) % 2})
    pyarrow.parquet.write_table(table, file, store_schema=False)
    good, path = file.getvalue(), tmp_path / "t.parquet"
    length = int.from_bytes(good[-8:-4], "little")
    refused = 0
    for place in range(len(good) - 8 - length, len(good) - 8):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        try:
            read(path, 10**7)
        except (DataError, SettingsError):  # the latter where a name is damaged
            refused += 1
    assert refused > length // 4


def test_columns_of_one_name_and_of_none(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    for names in (["a", "a", "y"], ["", "", "y"]):
        pyarrow.parquet.write_table(pyarrow.table([[1, 2], [3, 4], [0, 1]], names), path)
        with pytest.raises(DataError, match="several columns"):
            read(path)
    pyarrow.parquet.write_table(pyarrow.table([[1, 2], [3, 4], [0, 1]], ["a", "", "y"]), path)
    assert read(path, drop=("column_2",)).columns == ("a",)
    assert read(path, target=("column_2",)).y.tolist() == [3, 4]


def test_a_damaged_byte_is_refused_or_makes_no_difference_to_the_form(tmp_path: Path) -> None:
    """Among them codes of texts outside of their dictionary."""
    good = write(tmp_path / "t.parquet", a=np.arange(6), y=["a", "b", "c"] * 2).read_bytes()
    path = tmp_path / "t.parquet"
    refused = 0
    for place in range(4, len(good) - 8, 3):
        path.write_bytes(good[:place] + bytes([good[place] ^ 7]) + good[place + 1 :])
        try:
            assert len(read(path, 10**7).y)
        except (DataError, SettingsError):
            refused += 1
    assert 20 < refused < len(good) / 3


def test_a_table_without_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet")
    for target in (None, ("y",)):
        with pytest.raises(DataError, match="has no columns: give a table"):
            read(path, target=target)
    assert read(write(path, a=[1, 2], y=[0, 1])).columns == ("a",)
