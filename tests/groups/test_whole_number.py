"""Digits become numbers, within a limit."""

import pytest

from autoequivariant.groups.whole_number import MOST_DIGITS, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * MOST_DIGITS, 10**MOST_DIGITS - 1),
        ("9" * (MOST_DIGITS + 1), None),
        ("9" * 5000, None),  # int() refuses it
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        (" 1", None),
        ("1\n", None),
        ("٣", None),  # a digit of another script, which int() takes
        ("²", None),
    ],
)
def test_only_a_few_ascii_digits_are_a_number(text: str, number: int | None) -> None:
    assert whole_number(text) == number
