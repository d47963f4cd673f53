import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from autoequivariant.data.source import ReadOptions
from autoequivariant.data.tables.table_file import TableFile
from autoequivariant.errors import DataError, SettingsError


def read_table(path, target, drop):
    return TableFile().read(path, ReadOptions(target=target, drop=drop))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"whole": [1, 2, 3], "word": ["m", "n", "m"]}), path)
    return path


@pytest.mark.parametrize(
    ("name", "is_table"),
    [
        *((name, True) for name in ("a.csv", "a.CSV", "a.csv.gz", "a.b.tsv", "a.parquet", "a.pq")),
        *((name, False) for name in ("a.gz", "csv", "a.npz")),
    ],
)
def test_names_of_tables(tmp_path, name, is_table):
    path = tmp_path / name
    assert not TableFile().recognises(path)
    path.touch()
    assert TableFile().recognises(path) == TableFile().recognises(str(path)) == is_table


def test_columns_and_no_rows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n")
    with pytest.raises(DataError, match="t.csv has columns but no rows"):
        read_table(path, ["y"], None)


def test_a_column_without_a_name_can_be_dropped(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",a,y\n0,1.5,m\n1,2.5,n\n")
    assert read_table(path, ["y"], ["column_1"]).columns == ("a",)
    with pytest.raises(DataError, match="Column 1 of .* has no name"):
        read_table(path, ["y"], None)


def test_the_index_of_pandas_is_no_column(tmp_path):
    pandas = pytest.importorskip("pandas", reason="not here: no pandas")
    path = tmp_path / "t.parquet"
    frame = pandas.DataFrame({"a": [1.5, 2.5], "y": ["m", "n"]}, index=["r", "s"])
    frame.to_parquet(path)
    assert read_table(path, ["y"], None).columns == ("a",)
    frame.reset_index(drop=True).to_parquet(path)
    assert read_table(path, ["y"], None).columns == ("a",)


def test_a_damaged_parquet_file(tmp_path, table):
    assert read_table(table, ["word"], None).x.tolist() == [[1], [2], [3]]
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(DataError, match="t.parquet is damaged or no Parquet file"):
        read_table(table, ["word"], None)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.parquet", ["word"], None)


def test_without_a_target_the_columns_are_named(table):
    with pytest.raises(SettingsError, match=r"2 columns \(whole, word\): .* --target word"):
        read_table(table, None, None)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(200_000, 10), (500, 3000)])
def test_large_files_are_read_whole(tmp_path, shape):
    x = np.random.default_rng(0).random(shape)
    columns = {f"c{number}": column for number, column in enumerate(x.T)}
    path = tmp_path / "t.csv"
    pyarrow.csv.write_csv(pyarrow.table({**columns, "y": np.arange(len(x)) % 3}), path)
    arrays = read_table(path, ["y"], None)
    assert np.array_equal(arrays.x, x.astype(np.float32))
