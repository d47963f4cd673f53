import numpy as np
import pytest

from autoequivariant.data.samples import make_samples
from autoequivariant.data.tables.data_frame import arrays_of_frame, check_columns
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


def test_names_of_columns_and_targets():
    arrays = arrays_of_frame(GOOD, Series(["m", "n", "m"], "kind"))
    assert (arrays.columns, arrays.targets) == (("a", "b"), ("kind",))
    samples = make_samples("frame", arrays)
    assert (samples.columns, samples.targets, samples.classes) == (("a", "b"), (), ("m", "n"))
    arrays = arrays_of_frame(GOOD, Frame(u=[0.5, 1, 2], v=[1, 2, 4]))
    assert make_samples("frame", arrays).targets == ("u", "v")
    assert arrays_of_frame(GOOD, Series([0.5, 1, 2])).targets == ()
    assert arrays_of_frame(GOOD, [0, 1, 0]).columns == ("a", "b")


def test_arrays_stay_as_they_are():
    x, y = np.zeros((3, 4, 4)), np.array([0, 1, 0])
    arrays = arrays_of_frame(x, y)
    assert arrays.x is x
    assert arrays.y is y
    assert (arrays.columns, arrays.targets) == ((), ())


def test_columns_of_several_types():
    arrays = arrays_of_frame(Frame(a=[0.5, 1, 2], b=[True, False, True]), [0, 1, 0])
    assert np.asarray(arrays.x).tolist() == [[0.5, 1], [1, 0], [2, 1]]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (Frame(a=[0.5, 1, 2], b=["m", "n", "m"]), "column 'b' .* else than numbers .such as 'm'"),
        (Frame(a=["x"], b=["y"], c=[1]), "columns 'a' and 'b' .* hold something else"),
        (Frame(a=[0.5, np.nan, 2], b=[1, 2, 3]), "column 'a' .* missing values, in 1 of 3 rows"),
        (Frame(a=[0.5, None, 2], b=[True, None, False]), "'a' and 'b' .* have missing .* 1 of 3"),
        (Frame(a=["x", "y"], b=["z", "w"]), "'a' and 'b' .* .such as 'x'.: turn them into numbers"),
    ],
)
def test_frames_that_are_refused(frame, message):
    with pytest.raises(DataError, match=message):
        arrays_of_frame(frame, [0, 1, 0])


def test_pandas():
    pandas = pytest.importorskip("pandas", reason="not here: no pandas")
    x = pandas.DataFrame({"a": [0.5, 1, 2], "b": pandas.array([1, 2, 3], "Int64"), 7: [1, 0, 1]})
    y = pandas.Series(["m", "n", "m"], dtype="category", name="kind")
    arrays = arrays_of_frame(x, y)
    assert arrays.columns == ("a", "b", "7")
    assert make_samples("frame", arrays).classes == ("m", "n")
    x["b"] = pandas.array([1, None, 3], "Int64")
    with pytest.raises(DataError, match="column 'b' of the data frame has missing values"):
        arrays_of_frame(x, y)
    x["b"] = pandas.to_datetime(["2020-01-01"] * 3)
    with pytest.raises(DataError, match="column 'b' of the data frame holds something else"):
        arrays_of_frame(x, y)


def test_columns_of_pandas_that_are_no_numbers():
    pandas = pytest.importorskip("pandas", reason="not here: no pandas")
    x = pandas.DataFrame({"a": [0.5, 1, 2], "b": pandas.array([1, None, 3], "Int64")})
    days = pandas.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])
    for values, message in (
        (["red", "blue", "red"], r"'c' .* .such as 'red'.: .* .such as a column of 0 and 1 for"),
        (pandas.Categorical(["red", "blue", "red"]), "'c' of the data frame holds .* 'red'"),
        (days, "'c' .* .such as '2020-01-01.*: turn it into numbers .such as days since"),
    ):
        for frame in (x.assign(c=values), pandas.DataFrame({"c": values})):
            with pytest.raises(DataError, match=f"column {message}"):
                check_columns(frame)
    for frame in (x, x[["a"]], x.assign(c=pandas.Categorical([3, 1, 3])), x.to_numpy(), [["red"]]):
        check_columns(frame)
