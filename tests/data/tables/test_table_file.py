import datetime
import time
from decimal import Decimal

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from autoequivariant.data.samples import make_samples
from autoequivariant.data.tables.table_file import TableFile, read_table
from autoequivariant.errors import DataError, SettingsError

DAYS = [datetime.date(2020, 1, day) for day in (1, 2, 3)]
KINDS = {
    "whole": pyarrow.array([1, 2, 3]),
    "small": pyarrow.array([1, 2, 3], pyarrow.uint8()),
    "half": pyarrow.array(np.array([0.5, 1, 2], np.float16)),
    "decimal": pyarrow.array([Decimal("0.5"), Decimal("1.25"), Decimal("2")]),
    "yes": pyarrow.array([True, False, True]),
    "coded": pyarrow.array([1.5, 2.5, 1.5]).dictionary_encode(),
    "word": pyarrow.array(["m", "n", "m"]),
    "long_word": pyarrow.array(["m", "n", "m"], pyarrow.large_string()),
    "view": pyarrow.array(["m", "n", "m"], pyarrow.string_view()),
    "level": pyarrow.array(["m", "n", "m"]).dictionary_encode(),
    "day": pyarrow.array(DAYS),
    "instant": pyarrow.array([datetime.datetime(2020, 1, 1)] * 3),
    "bytes": pyarrow.array([b"\xe4", b"b", b"c"]),
    "list": pyarrow.array([[1, 2], [3], []]),
    "some": pyarrow.array([1.5, None, float("nan")]),
    "few_words": pyarrow.array(["m", None, "n"]),
    "none": pyarrow.nulls(3),
    "infinite": pyarrow.array([1.5, float("inf"), 1e300]),
}
NUMBERS = ("whole", "small", "half", "decimal", "yes", "coded")
WORDS = ("word", "long_word", "view", "level")


@pytest.fixture
def table(tmp_path):
    def make(*names):
        path = tmp_path / "t.parquet"
        pyarrow.parquet.write_table(pyarrow.table({name: KINDS[name] for name in names}), path)
        return path

    return make


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


def test_numbers_of_every_kind_are_features(table):
    arrays = read_table(table(*NUMBERS, "word"), ["word"], None)
    assert arrays.columns == NUMBERS
    assert arrays.x.dtype == np.float32
    rows = [[1, 1, 0.5, 0.5, 1, 1.5], [2, 2, 1, 1.25, 0, 2.5], [3, 3, 2, 2, 1, 1.5]]
    assert arrays.x.tolist() == rows


@pytest.mark.parametrize(
    ("target", "values", "classes"),
    [
        *((name, ["m", "n", "m"], ("m", "n")) for name in WORDS),
        ("whole", [1, 2, 3], ("1", "2", "3")),
        ("small", [1, 2, 3], ("1", "2", "3")),
        ("yes", [True, False, True], ("False", "True")),
        ("half", [0.5, 1, 2], ()),
        ("decimal", [0.5, 1.25, 2], ()),
        ("coded", [1.5, 2.5, 1.5], ()),
    ],
)
def test_targets_of_every_kind(table, target, values, classes):
    features = [name for name in ("whole", "half") if name != target]
    arrays = read_table(table(*features, target), [target], None)
    assert arrays.y.tolist() == values
    samples = make_samples("t", arrays)
    assert samples.classes == classes
    assert samples.targets == (() if classes else (target,))


def test_several_targets(table):
    arrays = read_table(table("whole", *NUMBERS[1:]), ["half,yes", "whole"], None)
    assert arrays.targets == ("half", "yes", "whole")
    assert arrays.y.tolist() == [[0.5, 1, 1], [1, 0, 2], [2, 1, 3]]


@pytest.mark.parametrize(
    ("features", "target", "messages"),
    [
        (
            ("some", "few_words", "none"),
            "word",
            [
                "The columns 'some', 'few_words' and 'none' of .*t.parquet have missing values, in "
                "3 of 3 rows: fill them, .*, or leave those columns out with --drop "
                "some,few_words,none",
                "column 'few_words' .* holds text",
            ],
        ),
        (("whole", "some"), "word", ["column 'some' .* has missing values, in 2 of 3 rows"]),
        (("whole",), "some", ["target 'some' .* has missing values, in 2 of 3 .* those rows out"]),
        (("whole",), "few_words", ["target 'few_words' .* in 1 of 3 rows"]),
        (("whole",), "none", ["target 'none' .* in 3 of 3 rows"]),
        (("word",), "whole", [r"column 'word' .* text \(such as 'm' in row 1\): turn it into num"]),
        (
            ("word", "level"),
            "whole",
            ["columns 'word' and 'level' .* hold text .* --drop word,lev"],
        ),
        (("day", "instant"), "whole", ["'day' and 'instant' .* hold dates: turn them .* days"]),
        (("list",), "whole", ["column 'list' .* holds values of type list"]),
        (
            ("bytes",),
            "whole",
            ["column 'bytes' .* holds bytes, or text that is not in UTF-8: turn"],
        ),
        (("infinite",), "whole", ["'infinite' .* infinite in float32, in 2 of 3 rows"]),
        (("whole",), "day", ["target 'day' .* holds dates, but a target is numbers or text"]),
        (("whole",), "half,word", ["target 'word' .*such as 'm'.*several targets are numbers"]),
    ],
)
def test_values_that_are_refused(table, features, target, messages):
    path = table(*features, *target.split(","))
    with pytest.raises(DataError) as caught:
        read_table(path, [target], None)
    for message in messages:
        assert caught.match(message)
    assert str(caught.value).count("t.parquet") == len(messages)
    good = table("small", "yes", *features, *target.split(","))
    assert read_table(good, ["yes"], [*features, target]).columns == ("small",)


def test_what_is_dropped_may_hold_anything(table):
    strangers = [name for name in KINDS if name not in (*NUMBERS, "word")]
    arrays = read_table(table(*KINDS), ["word"], [",".join(strangers)])
    assert arrays.columns == NUMBERS


def test_a_stray_word_among_numbers_is_shown(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "1.5,0\n" * 500 + "oops,1\n" + "2.5,0\n")
    with pytest.raises(DataError, match=r"column 'a' .* text \(such as 'oops' in row 501\)"):
        read_table(path, ["y"], None)


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
    path = table("whole", "word")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="t.parquet is damaged or no Parquet file"):
        read_table(path, ["word"], None)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.parquet", ["word"], None)


def test_without_a_target_the_columns_are_named(table):
    with pytest.raises(SettingsError, match=r"2 columns \(whole, word\): .* --target word"):
        read_table(table("whole", "word"), None, None)


@pytest.mark.parametrize("shape", [(200_000, 10), (500, 3000)])
def test_large_files_are_quick(tmp_path, shape):
    x = np.random.default_rng(0).random(shape)
    columns = {f"c{number}": column for number, column in enumerate(x.T)}
    path = tmp_path / "t.csv"
    pyarrow.csv.write_csv(pyarrow.table({**columns, "y": np.arange(len(x)) % 3}), path)
    start = time.perf_counter()
    arrays = read_table(path, ["y"], None)
    assert time.perf_counter() - start < 10
    assert np.array_equal(arrays.x, x.astype(np.float32))
