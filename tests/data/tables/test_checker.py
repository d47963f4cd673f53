"""What the columns of a table may hold, read from a file, as all callers of the check do."""

import datetime
from decimal import Decimal

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from autoequivariant.data.samples import make_samples
from autoequivariant.data.source import ReadOptions
from autoequivariant.data.tables.checker import features_and_targets
from autoequivariant.data.tables.table_file import TableFile
from autoequivariant.errors import DataError


def read_table(path, target, drop):
    return TableFile().read(path, ReadOptions(target=target, drop=drop))


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
                "The columns 'some' and 'none' of .*t.parquet have missing values, in "
                "3 of 3 rows: fill them, .*, or leave those columns out with --drop "
                "some,none",
                "column 'few_words' .* holds text of too many",
            ],
        ),
        (("whole", "some"), "word", ["column 'some' .* has missing values, in 2 of 3 rows"]),
        (("whole",), "some", ["target 'some' .* has missing values, in 2 of 3 .* those rows out"]),
        (("whole",), "few_words", ["target 'few_words' .* in 1 of 3 rows"]),
        (("whole",), "none", ["target 'none' .* in 3 of 3 rows"]),
        (("word",), "whole", [r"'word' .* too long \(such as 'm' in row 1\): turn it into num"]),
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
    with pytest.raises(DataError, match=r"column 'a' .* text .*such as 'oops' in row 501\)"):
        read_table(path, ["y"], None)


@pytest.mark.parametrize(
    ("drop", "remedies"),
    [
        ("--drop", "fill them, leave those rows out, or leave that column out with --drop some."),
        ("", "fill them, leave those rows out, or leave that column out."),
        (None, "fill them or leave those rows out."),
    ],
)
def test_remedies(drop, remedies):
    table = pyarrow.table({name: KINDS[name] for name in ("whole", "some")})
    with pytest.raises(DataError) as refusal:
        features_and_targets(table, ("whole", "some"), (), "t", drop)
    assert str(refusal.value).endswith(f"in 2 of 3 rows: {remedies}")
    x, y, categories = features_and_targets(table, ("whole",), (), "t", drop)
    assert (x.shape, y.shape, categories) == ((3, 1), (3, 0), ())
