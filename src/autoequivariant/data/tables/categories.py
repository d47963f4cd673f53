"""Columns of text as categories: codes of an alphabet, which similar columns share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.messages import is_number, short_text

Alphabet = tuple[str, ...]
"""The values of a column, sorted; a value's code is its place. Empty for a column of numbers."""
Categories = tuple[Alphabet, ...]
"""The alphabet of each column; empty if all are numbers."""

MISSING = ""
"""The value of a cell of text that is missing."""
MOST_VALUES = 100
"""A column of text has at most this many values, which occur twice on average; others are names."""
LONGEST_VALUE = 1000
_MOST_SHARED, _LEAST_OVERLAP = 20, 0.5  # of an alphabet that columns of other values share
_MOST_READ = 10_000
_FEWEST_WORDS = 0.05  # of the rows of a column that holds numbers, too
_MOST_LISTED = 10


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A column of text.

    Attributes:
        values: its different values.
        places: place of each row's value among them, shape `(n,)`.
    """

    values: Alphabet
    places: NDArray[np.int64]

    @property
    def has_few_values(self) -> bool:
        """Whether its values are categories, and not names of rows."""
        return len(self.values) <= MOST_VALUES and 2 * len(self.values) <= len(self.places)

    @property
    def has_stray_words(self) -> bool:
        """Whether nearly all rows hold numbers, so that it is a column of numbers with faults."""
        stray = np.array([not is_number(value) for value in self.values])
        counts = np.bincount(self.places, minlength=len(self.values))
        return 0 < int(counts[stray].sum()) < _FEWEST_WORDS * len(self.places)

    def codes(self, alphabet: Alphabet) -> NDArray[np.int64]:
        """Return the code of each row's value; -1 for a value that is not in the alphabet."""
        code = {value: number for number, value in enumerate(alphabet)}
        return np.array([code.get(value, -1) for value in self.values], np.int64)[self.places]


def read_text(column: Any) -> TextColumn:
    """Return a column of an Arrow table as text; a missing value is an empty text.

    After 10,000 values, which are far too many, further ones are taken for one of them.
    """
    import pyarrow as arrow
    import pyarrow.compute as compute

    if arrow.types.is_dictionary(column.type):
        coded = column.unify_dictionaries().combine_chunks()
    else:
        coded = column.cast(arrow.large_string()).combine_chunks().dictionary_encode()
    places = compute.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    texts = [text or MISSING for text in coded.dictionary[:_MOST_READ].to_pylist()]
    places = np.where(places < 0, len(texts), np.minimum(places, len(texts) - 1))
    values, of_text = np.unique(np.array([*texts, MISSING], dtype=object), return_inverse=True)
    places = of_text[places]
    used = np.bincount(places, minlength=len(values)) > 0
    return TextColumn(tuple(map(str, values[used])), (np.cumsum(used) - 1)[places])


def longest_text(column: Any) -> int:
    """Return the number of bytes of the longest text of a column of an Arrow table."""
    import pyarrow as arrow
    import pyarrow.compute as compute

    texts = column
    if arrow.types.is_dictionary(column.type):
        texts = column.unify_dictionaries().combine_chunks().dictionary
    return int(compute.max(compute.binary_length(texts.cast(arrow.large_string()))).as_py() or 0)


def alphabets(columns: Mapping[str, TextColumn]) -> dict[str, Alphabet]:
    """Return the alphabet of each column of text.

    Columns with the same values share one, and so do columns with few values of which most occur
    in both, such as letters of sequences: so they can be exchanged.
    """
    groups: list[tuple[set[str], list[str]]] = []
    for name, column in sorted(columns.items(), key=lambda one: -len(one[1].values)):
        own = set(column.values)
        for values, members in groups:
            if own == values or _overlap(own, values):
                values |= own
                members.append(name)
                break
        else:
            groups.append((own, [name]))
    return {name: tuple(sorted(values)) for values, members in groups for name in members}


def _overlap(own: set[str], others: set[str]) -> bool:
    together = own | others
    return len(together) <= _MOST_SHARED and len(own & others) >= _LEAST_OVERLAP * len(together)


def unknown_value(
    name: str, column: TextColumn, alphabet: Alphabet, origin: str, remedy: str
) -> str:
    """Return a sentence about the first value that is not in an alphabet; empty if all are."""
    unknown = np.flatnonzero(column.codes(alphabet) < 0)
    if not len(unknown):
        return ""
    value = _shown(column.values[column.places[unknown[0]]])
    known = ", ".join(map(_shown, alphabet[:_MOST_LISTED])) + ", ..." * (
        len(alphabet) > _MOST_LISTED
    )
    return (
        f"The column {name!r} of {origin} holds {value} in row {unknown[0] + 1:,}, which the model "
        f"does not know (it knows {known}): replace it, or {remedy}."
    )


def _shown(value: str) -> str:
    return "a missing value" if value == MISSING else repr(short_text(value))


def names_and_values(columns: Sequence[str], categories: Categories) -> dict[str, Alphabet]:
    """Return the alphabets of the columns of text, by the columns' names."""
    if not categories:
        return {}
    named = zip(columns, categories, strict=True)
    return {name: alphabet for name, alphabet in named if alphabet}
