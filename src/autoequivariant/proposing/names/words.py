"""Names of columns and classes as words and numbers, and words with a meaning."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_CHARACTERS, MOST_WORDS = 200, 12
"""Longer names are not read."""
_WORD = re.compile(r"[0-9]+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\dA-Z_a-z]+")

LONGEST_LABEL = 16
"""Characters of a name that is part of a longer text."""


@dataclass(frozen=True)
class Name:
    """A column and the words and numbers of its name, without what separates them.

    Attributes:
        column: its number.
        words: as written.
        lower: the same in lower case.
    """

    column: int
    words: tuple[str, ...]
    lower: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    """Return words and numbers in order: `leftFoot_x2` has left, Foot, x and 2.

    A capital begins a word. Empty if the text has more than 200 characters or 12 words.
    """
    if len(text) > MOST_CHARACTERS:
        return ()
    found = tuple(_WORD.findall(text))
    return found if len(found) <= MOST_WORDS else ()


def names_of(columns: Sequence[str]) -> list[Name]:
    """Return the columns whose names can be read."""
    found = []
    for column, text in enumerate(columns):
        own = words(text)
        if own:
            found.append(Name(column, own, tuple(word.casefold() for word in own)))
    return found


def by_word(names: Iterable[Name]) -> Mapping[str, Sequence[Name]]:
    """Return the names that have each word, in lower case."""
    found: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        for word in set(name.lower):
            found[word].append(name)
    return found


def is_number(word: str) -> bool:
    """Whether a word of a name is a number."""
    return word.isascii() and word.isdigit()


@dataclass(frozen=True)
class Sides:
    """Two sides that are alike, in the words that may be used for them.

    Attributes:
        first, second: words in the same order; a name has `first[i]` where its partner has
            `second[i]`.
        are_two: whether a third word in their place means something other than sides, as in red,
            green and blue.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    are_two: bool = False


SIDES = (
    Sides(("left", "l", "lhs", "lh", "os"), ("right", "r", "rhs", "rh", "od")),
    Sides(("home", "h", "host", "home"), ("away", "a", "guest", "visitor")),
    Sides(("white", "w"), ("black", "b"), are_two=True),
    Sides(("blue", "b"), ("red", "r"), are_two=True),
    Sides(("a",), ("b",), are_two=True),
    Sides(("east",), ("west",)),
    Sides(("north",), ("south",)),
)
"""Before and after, or first and last, are not alike."""

PLAYERS = ("player", "p", "team", "fighter", "side", "opponent")
"""Words beside 1 and 2, or a and b, that make these two sides."""
NUMBERED = Sides(("1", "a"), ("2", "b"), are_two=True)
"""The sides that players are."""

OPPOSITES = {
    **{"win": "loss", "wins": "losses", "won": "lost", "victory": "defeat"},
    **{"winner": "loser", "true": "false", "yes": "no", "positive": "negative"},
}
"""Classes that one side gives to the other."""

CALENDARS: tuple[tuple[str, ...], ...] = (
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("mo", "tu", "we", "th", "fr", "sa", "su"),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    (
        *("january", "february", "march", "april", "may", "june", "july", "august"),
        *("september", "october", "november", "december"),
    ),
)
PERIODS = {"h": 24, "hr": 24, "hour": 24, "hours": 24, "month": 12, "weekday": 7, "dow": 7}
"""Words beside a number that comes round again, from 0 or from 1, and after how many."""

UNLIKE = frozenset(
    "mean average avg median mode min max minimum maximum sum total count std sd stddev var "
    "variance error se range skew kurtosis worst best quantile percentile rate ratio "
    "before after pre post old new first last start end begin prev previous next current past "
    "initial final train test".split()
)
"""Words that do not name records: statistics of one quantity, and times."""

TIMES = frozenset("t lag time step day week month year hour minute second quarter".split())
"""Words before a number that is a time: records are in no order."""
YEARS = range(1900, 2101)

COORDINATES = frozenset("xyzuvw")
