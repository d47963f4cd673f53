import gzip

import pyarrow
import pyarrow.csv
import pytest

from autoequivariant.data.tables.csv_file import read_csv
from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget

PLAIN = "a,b,y\n0.5,1,m\n-1.5,2,n\n"
ROWS = {"a": [0.5, -1.5], "b": [1, 2], "y": ["m", "n"]}
GOOD = {
    "commas": PLAIN,
    "semicolons": PLAIN.replace(",", ";"),
    "decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "tabs": PLAIN.replace(",", "\t"),
    "tabs and decimal commas": PLAIN.replace(",", "\t").replace(".", ","),
    "a mark of the byte order": "\ufeff" + PLAIN,
    "line ends of Windows": PLAIN.replace("\n", "\r\n"),
    "no line end": PLAIN[:-1],
    "spaces": PLAIN.replace(",", ", ").replace(", m", ",m").replace(", n", ",n"),
    "empty lines": "\n" + PLAIN.replace("\n", "\n\n"),
    "quotes": '"a","b","y"\n"0.5","1","m"\n"-1.5","2","n"\n',
}


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_that_are_read(tmp_path, case, pack):
    path = tmp_path / "t.csv"
    path.write_bytes(pack(GOOD[case].encode()))
    assert read_csv(path, MemoryBudget()).to_pydict() == ROWS


def table_of(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, MemoryBudget())


def test_quoted_cells(tmp_path):
    table = table_of(tmp_path, '"a; ""x""","b, c"\n"1, 2","l\nm"\n"","n;"\n')
    assert table.to_pydict() == {'a; "x"': ["1, 2", None], "b, c": ["l\nm", "n;"]}


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "nan", "null", "N/A", "?"])
def test_missing_cells(tmp_path, cell):
    table = table_of(tmp_path, f"a,y\n1.5,m\n{cell},n\n2,{cell}\n")
    assert table.to_pydict() == {"a": [1.5, None, 2], "y": ["m", "n", None]}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a, b, c\ty\n1\t2\n", {"a, b, c": [1], "y": [2]}),
        ("a,b;y\n1,5;2\n2,5;3\n", {"a,b": [1.5, 2.5], "y": [2, 3]}),
        ("a;b,y\n1,2\n1,m;n\n", {"a;b": [1, 1], "y": ["2", "m;n"]}),
        ("a;b,c;y\n1;2;3\n4;5;6\n", {"a": [1, 4], "b,c": [2, 5], "y": [3, 6]}),
    ],
)
def test_the_delimiter_is_the_one_that_fits(tmp_path, text, rows):
    assert table_of(tmp_path, text).to_pydict() == rows


def test_types(tmp_path):
    table = table_of(tmp_path, "i,f,b,d,t\n1,2.5,True,2020-01-31,1.2.3\n2,3,false,2020-02-01,x\n")
    names = ["int64", "double", "bool", "date32[day]", "string"]
    assert [str(column.type) for column in table.columns] == names


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("0,1,2", ["0", "1", "2"]),
        ("1,2,x", ["1", "2", "x"]),
        (",1,2", ["", "1", "2"]),
        (" a ,b, c", ["a", "b", "c"]),
    ],
)
def test_names(tmp_path, header, names):
    assert table_of(tmp_path, f"{header}\n1,2,3\n").column_names == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv is empty: give a table with names in the first row"),
        ("\n \n", "t.csv is empty"),
        ("1,2.5,-3e4\n1,2,3\n", r"first row of .*t.csv is all numbers \(1, 2.5, -3e4\), .* names"),
        ("1,2,3,5\n1,2,3,4\n", r"all numbers \(1, 2, 3, ...\)"),
        (PLAIN + "1,2\n", r"t.csv cannot be read as a table \(.*Row #4: Expected 3 columns, got 2"),
        (PLAIN + "1,2,3,4\n", "Expected 3 columns, got 4"),
        (PLAIN.encode("utf-16"), "t.csv is no text in UTF-8"),
        ("ä,y\n1,2\n".encode("latin-1"), "t.csv is no text in UTF-8"),
        (b"PK\3\4\0\0,\0", "t.csv is no text in UTF-8"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "t.csv is damaged"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:20], "t.csv is damaged"),
        (b"\x1f\x8b" + b"nonsense" * 9, "t.csv is damaged"),
    ],
)
def test_files_that_are_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        table_of(tmp_path, text)


@pytest.mark.slow
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_very_long_rows(tmp_path, delimiter):
    names = [f"column{number}" for number in range(20_000)]
    rows = [[f"{number}.25" for number in range(20_000)]] * 2
    lines = "".join(delimiter.join(cells) + "\n" for cells in (names, *rows))
    table = table_of(tmp_path, lines)
    assert table.column_names == names
    assert table.column(19_999).to_pylist() == [19_999.25] * 2


def test_only_the_head_is_looked_at_before_all_is_read(tmp_path):
    """A column of whole numbers may hold fractions far below."""
    table = table_of(tmp_path, "a,y\n" + "1,0\n" * 3_000_000 + "1.5,0\n")
    assert table.column("a").type == pyarrow.float64()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_arrow_gets_no_file_of_python(tmp_path, monkeypatch, pack):
    """Its threads may hold one until Python ends, and abort the process then."""
    given = []
    read = pyarrow.csv.read_csv
    monkeypatch.setattr(
        "pyarrow.csv.read_csv", lambda file, **options: given.append(file) or read(file, **options)
    )
    path = tmp_path / "t.csv"
    path.write_bytes(pack(PLAIN.encode()))
    assert read_csv(path, MemoryBudget()).to_pydict() == ROWS
    assert [type(file) for file in given] == [
        pyarrow.OSFile if pack is bytes else pyarrow.BufferReader
    ]


@pytest.mark.parametrize("end", [-1000, -8, None])
def test_a_gzipped_file_that_is_cut_off_is_damaged(tmp_path, end):
    packed = gzip.compress(b"a,y\n" + b"".join(b"%d,%d\n" % (n, n**2) for n in range(20_000)))
    path = tmp_path / "t.csv.gz"
    path.write_bytes(packed[:end])
    if end is None:
        assert read_csv(path, MemoryBudget()).num_rows == 20_000
        return
    with pytest.raises(DataError, match=r"t.csv.gz is damaged \(.*\): fetch or write it again"):
        read_csv(path, MemoryBudget())


def test_each_column_counts_against_the_memory(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{k}" for k in range(1000)) + "\n" + ",".join(["1"] * 1000) + "\n")
    assert read_csv(path, MemoryBudget(path, 18_000_000)).num_columns == 1000
    with pytest.raises(DataError, match="wide.csv may take .* --memory-limit"):
        read_csv(path, MemoryBudget(path, 16_000_000))


@pytest.mark.parametrize("length", [10**6, 2 * 10**7])
def test_a_row_of_many_bytes(tmp_path, length):
    path = tmp_path / "long.csv"
    path.write_text("a,y\n" + "x" * length + ",1\n" + "x,2\n")
    if length < 1 << 23:
        assert read_csv(path, MemoryBudget(path, 10**9)).num_rows == 2
    else:
        with pytest.raises(DataError, match="A row of .*long.csv has more than 8,388,608 bytes"):
            read_csv(path, MemoryBudget(path, 10**9))
