"""Columns of text become codes of alphabets, the same in every table of one form."""

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.tables.categories import TextColumn, alphabets, read_text
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.inference.inputs import read_inputs

ROWS = ["left,red,A,C,1.5", "right,,C,A,2.5", "left,blue,G,A,0.5", "left,red,G,N,0"]
TABLE = "side,colour,first,last,size,y\n" + "\n".join(
    f"{row},{'yes' if k % 2 else 'no'}" for k, row in enumerate(ROWS * 4)
)
LETTERS = ("A", "C", "G", "N")
KNOWN = (("left", "right"), ("", "blue", "red"), LETTERS, LETTERS, ())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "t.csv"
    file.write_text(TABLE)
    return file


def test_text_is_coded_and_letters_share_an_alphabet(path: Path) -> None:
    samples = read(path, target=["y"])
    assert samples.categories == KNOWN
    rows = [[0, 2, 0, 1, 1.5], [1, 0, 1, 0, 2.5], [0, 1, 2, 0, 0.5], [0, 2, 2, 3, 0]]
    assert samples.x[:4, 0].tolist() == rows
    assert samples.x.dtype == np.float32


def test_another_alphabet_is_other_data(path: Path) -> None:
    before = read(path, target=["y"])
    path.write_text(TABLE.replace("left", "links").replace("right", "rechts"))
    after = read(path, target=["y"])
    assert np.array_equal(before.x, after.x)
    assert before.fingerprint() != after.fingerprint()


def test_tables_of_numbers_have_no_categories(path: Path) -> None:
    samples: Samples = read(path, target=["y"], drop=["side,colour,first,last"])
    assert samples.categories == ()


TEXTS = ["b", None, "", "a", "b"]
PARTS = [pyarrow.array(TEXTS[:2]), pyarrow.array(TEXTS[2:])]
COLUMNS = {
    "plain": pyarrow.chunked_array(PARTS),
    "view": pyarrow.chunked_array([pyarrow.array(TEXTS, pyarrow.string_view())]),
    "of several dictionaries": pyarrow.chunked_array([p.dictionary_encode() for p in PARTS]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_kinds_of_columns_of_text(kind: str) -> None:
    found = read_text(COLUMNS[kind])
    assert found.values == ("", "a", "b")
    assert found.places.tolist() == [2, 0, 0, 1, 2]
    assert found.codes(("", "b")).tolist() == [1, 0, 0, -1, 1]


def test_a_column_of_names_is_read_in_part() -> None:
    names = [f"id{number}" for number in range(12_000)]
    found = read_text(pyarrow.chunked_array([[*names, None]]))
    assert len(found.values) == 10_001 and not found.has_few_values
    assert [found.values[place] for place in found.places[:2]] == names[:2]
    assert found.codes(("id0",))[:2].tolist() == [0, -1]


def columns_of(*values: str) -> dict[str, TextColumn]:
    return {
        str(number): TextColumn(tuple(sorted(own)), np.arange(len(own)))
        for number, own in enumerate(values)
    }


@pytest.mark.parametrize(
    ("values", "shared"),
    [
        (("xo", "xo"), ["ox", "ox"]),
        (("ACGT", "ACGTN", "ACG"), ["ACGNT", "ACGNT", "ACGNT"]),
        (("ab", "bcd"), ["ab", "bcd"]),
        (("ab", "abcd", "xy"), ["abcd", "abcd", "xy"]),
        (
            ("abcdefghijklmnopqrst", "abcdefghijklmnopqrsu"),
            ["abcdefghijklmnopqrst", "abcdefghijklmnopqrsu"],
        ),
    ],
)
def test_alphabets(values: tuple[str, ...], shared: list[str]) -> None:
    found = alphabets(columns_of(*values))
    assert ["".join(found[str(number)]) for number in range(len(values))] == shared


def inputs_of(path: Path, text: str) -> np.ndarray:
    names = ("side", "colour", "first", "last", "size")
    spec = InputSpec("features", "classification", names, categories=KNOWN, target=("y",))
    path.write_text(text)
    return read_inputs(str(path), spec=spec).x[:, 0]


def test_a_trained_model_reads_the_same_codes(path: Path) -> None:
    found = inputs_of(path, "size,last,first,colour,side\n3,N,G,blue,right\n1,A,A,NA,right\n")
    assert found.tolist() == [[1, 1, 2, 3, 3], [1, 0, 0, 0, 1]]


def test_text_that_looks_like_numbers_is_text(tmp_path: Path) -> None:
    spec = InputSpec("features", "classification", ("a", "b"), categories=(("01", "x"), ()))
    path = tmp_path / "t.csv"
    path.write_text("a,b\n01,3\n01,4\n")
    assert read_inputs(str(path), spec=spec).x[:, 0].tolist() == [[0, 3], [0, 4]]
    spec = InputSpec("features", "classification", ("a", "b"), categories=(("1", "x"), ()))
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 1], "b": [3, 4]}), path)
    assert read_inputs(str(path), spec=spec).x[:, 0].tolist() == [[0, 3], [0, 4]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "left,red,A,Z,1\nleft,red,A,Q,1",
            "column 'last' of .* holds 'Z' in row 1, which the model does not know "
            r"\(it knows 'A', 'C', 'G', 'N'\): replace it, or leave those rows out\.",
        ),
        ("left,red,A,A,1\n,red,A,A,1", "'side' of .* holds a missing value in row 2"),
        ("left,red,A,A,big\nleft,red,A,A,1", "'size' of .* holds text .such as 'big' in row 1"),
        ("left,red,A,A,\nleft,red,A,A,1", "'size' of .* has missing values, in 1 of 2 rows"),
    ],
)
def test_unknown_values_are_refused_by_name(path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        inputs_of(path, f"side,colour,first,last,size\n{text}\n")


def test_names_of_rows_are_no_categories(path: Path) -> None:
    rows = "\n".join(f"id{k},{k % 3},{'ab'[k % 2]}" for k in range(300))
    path.write_text(f"name,a,y\n{rows}\n")
    message = "'name' of .* too many different values, .*'id0' in row 1.*: turn .* --drop name"
    with pytest.raises(DataError, match=message):
        read(path, target=["y"])
    path.write_text(f"name,a,y\n{rows}\n".replace("id", "x" * 2000))
    with pytest.raises(DataError, match="'name' of .* or too long"):
        read(path, target=["y"])


def test_a_few_words_among_numbers_are_faults(path: Path) -> None:
    rows = "".join(f"{k % 7},{k % 2}\n" for k in range(100))
    path.write_text(f"a,y\n{rows}oops,1\n")
    with pytest.raises(DataError, match="'a' of .* holds text .such as 'oops' in row 101.: turn"):
        read(path, target=["y"])
    path.write_text(f"a,y\n{rows}" + "over 6,1\n" * 10)
    assert read(path, target=["y"]).categories == ((*"0123456", "over 6"),)


def test_text_is_of_tables_alone(path: Path) -> None:
    with pytest.raises(SettingsError, match="columns of text.*--kind features"):
        read(path, "sequence", target=["y"])
