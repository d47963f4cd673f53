import pytest

from autoequivariant.data.tables.columns import check_column_count, choose_columns, name_all
from autoequivariant.errors import DataError, SettingsError

NAMES = ("height", "Price", "a, b", "colour")


@pytest.mark.parametrize(
    ("target", "drop", "features", "targets"),
    [
        (["Price"], None, ("height", "a, b", "colour"), ("Price",)),
        (["colour,height"], None, ("Price", "a, b"), ("colour", "height")),
        (["colour", "height", "colour"], None, ("Price", "a, b"), ("colour", "height")),
        ([" colour , height,"], ["a, b"], ("Price",), ("colour", "height")),
        (["a, b"], ["height", "colour"], ("Price",), ("a, b",)),
        (["Price"], [], ("height", "a, b", "colour"), ("Price",)),
    ],
)
def test_a_choice(target, drop, features, targets):
    assert choose_columns(NAMES, target, drop, "t.csv") == (features, targets)


@pytest.mark.parametrize(
    ("target", "drop", "message"),
    [
        (None, None, r"table of 4 columns \(height, Price, a, b, colour\): .* --target colour\."),
        (["price"], None, "no column 'price', which --target names: did you mean 'Price'"),
        (["color"], None, "no column 'color', .* did you mean 'colour'"),
        (["Price"], ["heigth"], "no column 'heigth', which --drop names: did you mean 'height'"),
        (["x"], None, r"no column 'x', .* it has 4 columns \(height, Price, a, b, colour\)"),
        ([""], None, "--target names no column of t.csv: it has 4"),
        (["Price"], [","], "--drop names no column of t.csv"),
        (["Price"], ["Price"], "'Price' of t.csv is named by --target and by --drop"),
        (["Price,a, b"], None, "no column 'a'"),
        (["Price"], ["height,colour", "a, b"], "No column of t.csv is left to predict Price from"),
    ],
)
def test_no_choice(target, drop, message):
    with pytest.raises(SettingsError, match=message):
        choose_columns(NAMES, target, drop, "t.csv")


def test_columns_of_one_name():
    with pytest.raises(DataError, match="several columns called 'a': give each a name of its own"):
        choose_columns(("a", "b", "a"), ["b"], ["a"], "t.csv")
    with pytest.raises(DataError, match="several columns each called 'a' and 'b'"):
        choose_columns(("a", "b", "a", "b"), None, None, "t.csv")


def test_columns_without_a_name():
    names = ("", "a", "y")
    assert name_all(names, "t") == ("column_1", "a", "y")
    assert choose_columns(names, ["y"], ["column_1"], "t") == (("a",), ("y",))
    with pytest.raises(DataError, match="Column 1 of t.csv has no name: .* --drop column_1"):
        choose_columns(names, ["y"], None, "t.csv")


def test_a_wide_table_is_listed_in_short():
    names = tuple(f"c{number}" for number in range(3000))
    with pytest.raises(SettingsError, match=r"3,000 columns \(c0, .*, c8, ..., c2999\)") as caught:
        choose_columns(names, None, None, "t.csv")
    assert len(str(caught.value)) < 200


def test_names_of_any_length_and_number():
    assert name_all(["a" * 1000, ""], "t") == ("a" * 1000, "column_2")
    with pytest.raises(DataError, match="name of column 2 of t has 1,001 characters: give it one"):
        name_all(["b", "a" * 1001], "t")
    check_column_count(100_000, "t")
    with pytest.raises(DataError, match="t has 100,001 columns, more than 100,000"):
        check_column_count(100_001, "t")
