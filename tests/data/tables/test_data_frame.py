import datetime

import numpy as np
import pytest

from autoequivariant.data.tables.data_frame import coded_frame, target_names
from autoequivariant.errors import DataError


class Frame:
    """The least that a data frame has."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self._values = list(columns.values())

    def to_numpy(self):
        kinds = {np.asarray(values).dtype.kind for values in self._values}
        one = len(kinds) == 1 or kinds <= set("iuf")
        return np.array(self._values, None if one else object).T


class Series:
    def __init__(self, values, name=None):
        self.name, self._values = name, values

    def to_numpy(self):
        return np.asarray(self._values)


GOOD = Frame(a=[0.5, 1, 2], b=[3, 4, 5])
DAYS = [datetime.date(2020, 1, day) for day in (1, 2, 3)]


def test_names_of_targets():
    assert target_names(Series(["m", "n", "m"], "kind")) == ("kind",)
    assert target_names(Frame(u=[0.5, 1, 2], v=[1, 2, 4])) == ("u", "v")
    for nameless in (Series([0.5, 1, 2]), Series([0.5, 1], ""), [0, 1, 0], np.zeros((3, 2))):
        assert target_names(nameless) == ()


@pytest.mark.parametrize(
    "x",
    [
        GOOD,
        Frame(a=[0.5, 1, 2], b=[True, False, True]),
        Frame(a=[1, 2**40], b=[3, 4]),
        np.zeros((3, 4, 4)),
        [["red"]],
        np.array([[np.nan]]),
    ],
)
def test_frames_of_numbers_and_what_is_no_frame_pass(x):
    found, alphabets = coded_frame(x)
    assert found is x and alphabets == {}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (Frame(a=[0.5, 1, 2], b=["m", "n", "m"]), "column 'b' .* text .*such as 'm' in row 1"),
        (Frame(a=[0.5, 1, 2], b=[1.5, "oops", 2]), "column 'b' .* text .*such as 'oops' in row 2"),
        (Frame(a=["x"], b=["y"], c=[1]), "columns 'a' and 'b' of the data frame hold text"),
        (Frame(a=[0.5, np.nan, 2], b=[1, 2, 3]), "column 'a' .* missing values, in 1 of 3 rows"),
        (Frame(a=[0.5, None, 2], b=[True, None, False]), "'a' and 'b' .* have missing .* 1 of 3"),
        (
            Frame(a=["x", "y"], b=["z", "w"]),
            "'a' and 'b' .* .such as 'x' in row 1.: turn them into",
        ),
        (Frame(a=["x", "y"], b=[1, 2]), r"average, or leave that column out\.$"),
        (
            Frame(a=DAYS, b=[1, 2, 3]),
            "'a' .* holds dates: turn it into numbers .such as days since",
        ),
        (Frame(a=[1.5, np.inf], b=[1, 2]), "'a' .* infinite in float32, in 1 of 2 rows: replace"),
    ],
)
def test_frames_that_are_refused(frame, message):
    with pytest.raises(DataError, match=message) as refusal:
        coded_frame(frame)
    assert "--drop" not in str(refusal.value)


def test_columns_of_one_name():
    frame = Frame(a=[0.5, 1], b=[3, 4])
    frame.columns = ["a", "a"]
    with pytest.raises(DataError, match="the data frame has several columns called 'a'"):
        coded_frame(frame)


def test_columns_of_pandas():
    pandas = pytest.importorskip("pandas", reason="not here: no pandas")
    x = pandas.DataFrame({"a": [0.5, 1, 2], "b": pandas.array([1, 2, 3], "Int64"), 7: [1, 0, 1]})
    days = pandas.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])
    for values, message in (
        (["red", "blue", "red"], r"'c' .* .such as 'red' in row 1.: .* twice on average"),
        (pandas.Categorical(["red", "blue", "red"]), "'c' of the data frame holds text .* 'red'"),
        (days, "'c' .* dates: turn it into numbers .such as days since"),
        (pandas.array([1, None, 3], "Int64"), "'c' of the data frame has missing values, in 1"),
    ):
        for frame in (x.assign(c=values), pandas.DataFrame({"c": values})):
            with pytest.raises(DataError, match=f"column {message}"):
                coded_frame(frame)
    for frame in (x, x[["a"]], x.assign(c=pandas.Categorical([3, 1, 3])), x.to_numpy()):
        coded_frame(frame)
    assert target_names(pandas.Series(["m", "n"], dtype="category", name="kind")) == ("kind",)


def test_columns_of_text_are_coded():
    pandas = pytest.importorskip("pandas", reason="not here: no pandas")
    x = pandas.DataFrame(
        {
            "size": [2.5, 2**24 + 1, 1, 0],
            "colour": pandas.Categorical(["red", "blue", None, "red"]),
            "side": ["left", "right", "left", "left"],
        }
    )
    x = pandas.concat([x] * 3)
    found, alphabets = coded_frame(x)
    assert alphabets == {"size": (), "colour": ("", "blue", "red"), "side": ("left", "right")}
    assert list(found.columns) == list(x.columns) and len(found) == 12
    rows = [[2.5, 2, 0], [2**24 + 1, 1, 1], [1, 0, 0], [0, 2, 0]]
    assert found.to_numpy().tolist() == rows * 3

    part = x[:2][["side", "size", "colour"]].assign(side="right")
    found, again = coded_frame(part, alphabets)
    assert found.to_numpy().tolist() == [[1, 2.5, 2], [1, 2**24 + 1, 1]]
    assert again == {name: alphabets[name] for name in part.columns}
    with pytest.raises(DataError, match="'colour' of the data frame holds 'green' in row 1, which"):
        coded_frame(x.assign(colour="green"), alphabets)
    with pytest.raises(DataError, match="'size' of the data frame holds text"):
        coded_frame(x.assign(size="big"), alphabets)
