"""Names as words and numbers."""

import pytest

from autoequivariant.proposing.names.words import CALENDARS, SIDES, names_of, words

CASES = [
    ("leftFoot_x2", ("left", "Foot", "x", "2")),
    ("Left-Weight", ("Left", "Weight")),
    ("mean radius (mm)", ("mean", "radius", "mm")),
    ("HTTPServer1", ("HTTP", "Server", "1")),
    ("p01", ("p", "01")),
    ("größe_ß", ("gr", "öß", "e", "ß")),
    ("٣", ()),  # a digit of another script separates words
    ("", ()),
    ("--", ()),
    ("a" * 200, ("a" * 200,)),
    ("a" * 201, ()),
    (" ".join("a" * 12), tuple("a" * 12)),
    (" ".join("a" * 13), ()),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_words(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected
    assert [name.words for name in names_of([text])] == [expected] * bool(expected)


def test_the_words_with_a_meaning_are_as_names_have_them() -> None:
    for sides in SIDES:
        assert len(sides.first) == len(sides.second)
        assert all(words(word) == (word,) for word in sides.first + sides.second)
    assert {len(calendar) for calendar in CALENDARS} == {7, 12}
