import pytest

from autoequivariant.data.messages import check_choice, check_names, quoted, reason
from autoequivariant.errors import DataError, SettingsError


@pytest.mark.parametrize("value", [None, "classification", "regression"])
def test_a_choice(value):
    check_choice("task", value, ("classification", "regression"))


@pytest.mark.parametrize(
    ("value", "hint"), [("classify", r" \(did you mean classification\?\)\."), ("x", r"'x'\.")]
)
def test_an_unknown_choice(value, hint):
    message = f"task must be one of classification, regression; got '{value}'.*{hint}"
    with pytest.raises(SettingsError, match=message.replace(f"'{value}'.*'x'", "'x'")):
        check_choice("task", value, ("classification", "regression"))


def test_names():
    check_names(("a", "b"), 2, "columns", "box")
    with pytest.raises(DataError, match="box has 2 columns but 1 names of columns"):
        check_names(("a",), 2, "columns", "box")
    with pytest.raises(DataError, match="box has several columns called 'a': give each"):
        check_names(("a", "a"), 2, "columns", "box")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "'c0'"),
        (2, "'c0' and 'c1'"),
        (3, "'c0', 'c1' and 'c2'"),
        (4, "'c0', 'c1', 'c2' and 1 other"),
        (2003, "'c0', 'c1', 'c2' and 2,000 others"),
    ],
)
def test_names_in_a_sentence(count, text):
    assert quoted([f"c{number}" for number in range(count)], most=3) == text


def test_reasons_are_short_and_on_one_line():
    assert reason(ValueError("a\n  b.")) == "a b"
    assert reason(ValueError()) == "ValueError"
    assert len(reason(ValueError("a" * 999))) == 200
