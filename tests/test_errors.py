"""Errors are safe to print, and each kind is also the built-in one that callers expect."""

import sys
import unicodedata

import pytest

from autoequivariant.errors import (
    ActionError,
    AutoequivariantError,
    DataError,
    ModelError,
    RunError,
    SettingsError,
    SymmetryError,
    listed,
    printable,
    printable_lines,
    shortened,
    shown,
)

TEXTS = [
    ("plain, with an ümlaut and 漢字", "plain, with an ümlaut and 漢字"),
    ("colour \x1b[31m", r"colour \x1b[31m"),
    ("two\nlines\r", r"two\nlines\r"),
    ("right \u202e to left", r"right \u202e to left"),
    ("line\u2028separator", r"line\u2028separator"),
    ("half \ud800 a pair", r"half \ud800 a pair"),
    ("\x7f\x9f", r"\x7f\x9f"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_unprintable_characters_are_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert str(DataError(text)) == expected


KEPT = "\u200c\u200d\u180e\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u0890\u0891\u08e2"
KEPT += "\U000110bd\U000110cd"
"""Words and emoji are spelled with them, and they change nothing else."""


def test_unicodes_categories_decide() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        category = unicodedata.category(character)
        if category != "Cn":  # a later Unicode gives it a meaning
            is_shown = category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in KEPT
            assert (printable(character) != character) == is_shown, hex(code)


def test_every_control_of_direction_and_every_tag_is_escaped() -> None:
    codes = (0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
    for code in (*codes, *range(0xE0000, 0xE0080)):
        assert printable(chr(code)).isascii()


@pytest.mark.parametrize("name", ["نامه\u200cای", "क्\u200dष", "👩\u200d🔬", "Größe ² é"])
def test_names_stay_as_they_are_spelled(name: str) -> None:
    assert printable(name) == name


def test_lines_stay_lines() -> None:
    assert printable_lines("a\x1b\nb\r\n") == "a\\x1b\nb\\r\n"


KINDS = [
    (SettingsError, ValueError),
    (SymmetryError, ValueError),
    (ActionError, SymmetryError),
    (DataError, ValueError),
    (RunError, OSError),
    (ModelError, ValueError),
]


@pytest.mark.parametrize(("kind", "builtin"), KINDS)
def test_every_error_has_one_base_and_a_builtin_one(
    kind: type[AutoequivariantError], builtin: type[Exception]
) -> None:
    assert issubclass(kind, AutoequivariantError) and issubclass(kind, builtin)


def test_long_texts_lose_their_middle() -> None:
    assert shortened("abcdefgh", 8) == "abcdefgh"
    assert shortened("abcdefghi", 8) == "abc...hi"
    assert shortened("x" * 10**6, 60).count("x") == 57


def test_untrusted_values_are_shown_short() -> None:
    assert shown("a") == "'a'" and len(shown("a" * 100)) == 60
    assert (shown([1, 2]), shown({"a": 1})) == ("a list of 2", "an object of 1")
    assert (shown(10**60), shown(10**5000)) == (str(10**60)[:57] + "...", BIG)
    assert (shown((1,)), shown((10**5000,))) == ("(1,)", "a value of type tuple")


BIG = "a number of more than 60 digits"


def test_long_lists_are_counted() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f, g, h"
    assert listed(["a"] * 40_000) == f"{'a, ' * 7}a and 39,992 more"
    assert listed(["x" * 100]) == shortened("x" * 100, 60)


@pytest.mark.parametrize("length", [4000, 4001, 10**6])
def test_a_message_is_bounded_and_keeps_its_remedy(length: int) -> None:
    text = f"{'x' * (length - 9)}: mend it"
    found = str(DataError(text))
    assert (found == text) == (length <= 4000)
    assert len(found) == min(length, 4000) and found.endswith(": mend it")
