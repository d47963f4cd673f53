"""Errors are safe to print, and each kind is also the built-in one that callers expect."""

import pytest

from autoequivariant.errors import (
    ActionError,
    AutoequivariantError,
    DataError,
    ModelError,
    RunError,
    SettingsError,
    SymmetryError,
    printable,
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
