"""Columns of text are exchanged with columns of the same values, and have no signs."""

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Features

LETTERS, COLOURS = ("A", "C"), ("blue", "red")
COLUMNS = ("size", "first", "last", "colour", "mass")
TABLE = DataSpec(Features(5), COLUMNS, categories=((), LETTERS, LETTERS, COLOURS, ()))
GOOD = [
    {"swap": "first <-> last"},
    {"swap": "first <-> last, size <-> mass", "negate": "mass"},
    {"name": "moved", "cycles": "(first last)(size mass)"},
]
BAD = {
    "changes the sign of column 'first', which is text: .* or leave that column out": [
        {"negate": "first"},
        {"swap": "first <-> last", "negate": "last"},
        "negate_column:1",
        "negate",
    ],
    "exchanges column '(colour|last)' of text with column '(colour|last)', which has other": [
        {"swap": "colour <-> last"},
        "swap:2-3",
    ],
    "exchanges column 'first' of text with column 'size', which has other values": ["swap:0-1"],
    "exchanges column 'colour' of text with column '(mass|size)'": [{"ring": "mass size colour"}],
}


@pytest.mark.parametrize("mapping", GOOD)
def test_symmetries_that_fit(mapping: object) -> None:
    assert len(resolve([candidate_of(mapping)], TABLE)) == 1


@pytest.mark.parametrize("message", BAD)
def test_symmetries_that_do_not_fit_are_refused_by_name(message: str) -> None:
    for candidate in map(candidate_of, BAD[message]):
        with pytest.raises(SymmetryError, match=message):
            resolve([candidate], TABLE)
        assert resolve([candidate], DataSpec(Features(5), COLUMNS))


def test_lists_hold_what_fits() -> None:
    for name, some in {"signs": (0, 4), "exchangeable": (1,)}.items():
        every = resolve([candidate_of(name)], DataSpec(Features(5), COLUMNS))
        fitting = resolve([candidate_of(name)], TABLE)
        assert fitting == tuple(every[number] for number in some)
    text = DataSpec(Features(2), categories=(LETTERS, COLOURS))
    with pytest.raises(
        SymmetryError, match="'negate_column:0' changes the sign of column 0, which"
    ):
        resolve([candidate_of("signs")], text)
